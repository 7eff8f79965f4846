import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import '@/components/code-editor/view';
import { CodeEditor } from '@/components/code-editor/code-editor';
import type { CodeEditorProps } from '@/components/code-editor/props';

async function setup(props: Partial<CodeEditorProps> = {}) {
  const seen: string[] = [];
  const Host = ({ from }: { from: string }) => {
    const [value, setValue] = useState(from);
    const change = (next: string): void => {
      seen.push(next);
      setValue(next);
    };
    return (
      <>
        <CodeEditor label="Body" language="json" value={value} onChange={change} {...props} />
        <button type="button" onClick={() => setValue('{"from": "outside"}')}>
          Replace
        </button>
      </>
    );
  };
  render(<Host from={props.value ?? '{}'} />);
  const textbox = await screen.findByRole('textbox', { name: 'Body' });
  return { seen, textbox, user: userEvent.setup() };
}

describe('CodeEditor', () => {
  it('has a name and shows the text', async () => {
    const { textbox } = await setup();
    expect(textbox.textContent).toBe('{}');
  });

  it('takes over what changes outside, and does not report that as typed', async () => {
    const { seen, textbox, user } = await setup();
    await user.click(screen.getByRole('button', { name: 'Replace' }));
    await waitFor(() => expect(textbox.textContent).toBe('{"from": "outside"}'));
    expect(seen).toEqual([]);
  });

  it('is read only without onChange, and can still be reached', async () => {
    const { textbox } = await setup({ onChange: undefined });
    expect(textbox.getAttribute('contenteditable')).toBe('false');
    expect(textbox.getAttribute('tabindex')).toBe('0');
  });
});

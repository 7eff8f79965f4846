import type { Definition } from '@millrace/contracts';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import '@/components/code-editor/view';
import '@/features/transfer/import-form';
import { TooltipProvider } from '@/components/ui/tooltip';
import { ImportDialog } from '@/features/transfer/import-dialog';

async function setup(onImport: (definition: Definition) => Promise<void> | void = () => undefined) {
  const seen: { imported: Definition[]; open: boolean } = { imported: [], open: true };
  render(
    <TooltipProvider>
      <ImportDialog
        open
        action="Create workflow"
        onOpenChange={(open) => (seen.open = open)}
        onImport={async (definition) => {
          seen.imported.push(definition);
          await onImport(definition);
        }}
      />
    </TooltipProvider>,
  );
  const input = await screen.findByLabelText('File with a definition');
  const choose = (text: string): void => {
    fireEvent.change(input, { target: { files: [new File([text], 'workflow.json')] } });
  };
  return { seen, choose, user: userEvent.setup() };
}

const good = JSON.stringify({
  name: 'Orders',
  nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
});
const button = () => screen.getByRole('button', { name: 'Create workflow' });

describe('ImportDialog', () => {
  it('imports a file that is good', async () => {
    const { seen, choose, user } = await setup();
    choose(good);
    await screen.findByText(/Orders: 1 step, 0 edges/);
    await user.click(button());
    await waitFor(() => expect(seen.open).toBe(false));
    expect(seen.imported[0]?.name).toBe('Orders');
  });

  it('says at which line a file is broken, and does not import it', async () => {
    const { seen, choose, user } = await setup();
    choose('{\n  "name": "",\n  "nodes": []\n}');
    await screen.findByText('Line 2');
    await user.click(button());
    expect(seen.imported).toEqual([]);
    expect(button().getAttribute('aria-disabled')).toBe('true');
  });

  it('keeps the text when the platform refuses it', async () => {
    const { seen, choose, user } = await setup(() => Promise.reject(new Error('The name is taken')));
    choose(good);
    await screen.findByText(/1 step/);
    await user.click(button());
    await screen.findByText('The name is taken');
    expect(seen.open).toBe(true);
  });
});

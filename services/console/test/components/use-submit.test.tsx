import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useSubmit } from '@/lib/use-submit';
import { show } from '../support/render';

function Form({ isValid, act }: { isValid: boolean; act: () => Promise<void> }) {
  const { tried, busy, error, onSubmit } = useSubmit(isValid, act);
  return (
    <form onSubmit={onSubmit}>
      <button type="submit">Send</button>
      <output>
        {[tried && 'tried', busy && 'busy', error instanceof Error && error.message].filter(Boolean).join()}
      </output>
    </form>
  );
}

const state = (): string | null => screen.getByRole('status').textContent;

describe('a form', () => {
  it('that is invalid is not sent, and says so', async () => {
    const act = vi.fn(() => Promise.resolve());
    const { user } = await show(<Form isValid={false} act={act} />);
    await user.click(screen.getByRole('button'));

    expect(act).not.toHaveBeenCalled();
    expect(state()).toBe('tried');
  });

  it('is not sent twice at once', async () => {
    const act = vi.fn(() => new Promise<void>(() => undefined));
    const { user } = await show(<Form isValid act={act} />);
    await user.click(screen.getByRole('button'));
    await user.click(screen.getByRole('button'));

    expect(act).toHaveBeenCalledTimes(1);
    expect(state()).toBe('tried,busy');
  });

  it('says why it failed, and can be sent again', async () => {
    const act = vi.fn(() => Promise.reject(new Error('The platform is away')));
    const { user } = await show(<Form isValid act={act} />);
    await user.click(screen.getByRole('button'));
    await screen.findByText('tried,The platform is away');
    await user.click(screen.getByRole('button'));

    expect(act).toHaveBeenCalledTimes(2);
  });
});

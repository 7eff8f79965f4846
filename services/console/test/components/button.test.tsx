import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Button } from '@/components/ui/button';
import { show } from '../support/render';

describe('a button', () => {
  it('that cannot be used says why, and does nothing', async () => {
    const act = vi.fn();
    const { user } = await show(
      <Button onClick={act} disabledReason="You need the permission workflow:write.">
        Save
      </Button>,
    );
    const button = screen.getByRole('button', { name: 'Save' });
    await user.tab();
    const words = await screen.findByRole('tooltip');
    await user.click(button);

    expect(act).not.toHaveBeenCalled();
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(words.textContent).toContain('workflow:write');
  });

  it('that submits does not submit while it is blocked', async () => {
    const submit = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
    const { user } = await show(
      <form onSubmit={submit}>
        <Button type="submit" disabledReason="Not yet">
          Save
        </Button>
      </form>,
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));

    expect(submit).not.toHaveBeenCalled();
  });

  it('with work under way takes no second click', async () => {
    const act = vi.fn();
    const { user } = await show(
      <Button busy onClick={act}>
        Save
      </Button>,
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));

    expect(act).not.toHaveBeenCalled();
    expect(screen.getByRole('button').getAttribute('aria-busy')).toBe('true');
  });
});

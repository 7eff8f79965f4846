import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Confirm } from '@/components/ui/confirm';
import { show } from '../support/render';

function setup(onConfirm: () => Promise<void>) {
  const onOpenChange = vi.fn();
  const view = show(
    <Confirm
      open
      onOpenChange={onOpenChange}
      title="Delete it?"
      consequence="It is gone."
      action="Delete"
      onConfirm={onConfirm}
    />,
  );
  return { view, onOpenChange };
}

describe('a question before something final', () => {
  it('closes when it is done', async () => {
    const { view, onOpenChange } = setup(() => Promise.resolve());
    const { user } = await view;
    await user.click(screen.getByRole('button', { name: 'Delete' }));

    expect(onOpenChange).toHaveBeenCalledWith(false);
  });

  it('stays and says what failed', async () => {
    const { view, onOpenChange } = setup(() => Promise.reject(new Error('The platform is away')));
    const { user } = await view;
    await user.click(screen.getByRole('button', { name: 'Delete' }));

    expect((await screen.findByRole('alert')).textContent).toContain('The platform is away');
    expect(onOpenChange).not.toHaveBeenCalled();
  });
});

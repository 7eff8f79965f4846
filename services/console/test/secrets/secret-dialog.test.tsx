import { screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SecretDialog } from '@/features/secrets/secret-dialog';
import { show } from '../support/render';

const put = vi.hoisted(() => vi.fn());
vi.mock('@/api/client', () => ({ api: { secrets: { put } } }));

describe('a new secret', () => {
  beforeEach(() => {
    put.mockReset();
  });

  it('is sent under its name', async () => {
    put.mockResolvedValue({});
    const onClose = vi.fn();
    const { user } = await show(<SecretDialog owner={undefined} onClose={onClose} />);
    await user.type(screen.getByLabelText(/^Name/), 'billing');
    await user.type(screen.getByLabelText(/^Value/), 'sk-secret');
    await user.click(screen.getByRole('button', { name: 'Keep it' }));

    expect(put).toHaveBeenCalledWith(
      'billing',
      { value: 'sk-secret', description: '' },
      { owner: undefined },
    );
    expect(onClose).toHaveBeenCalled();
  });

  it('with a bad name or too short a value is not sent, and says why', async () => {
    const { user } = await show(<SecretDialog owner={undefined} onClose={() => undefined} />);
    await user.type(screen.getByLabelText(/^Name/), '1st');
    await user.type(screen.getByLabelText(/^Value/), 'abc');
    await user.click(screen.getByRole('button', { name: 'Keep it' }));

    const words = screen.getAllByRole('alert').map(({ textContent }) => textContent);
    expect(words[0]).toContain('A letter, then');
    expect(words[1]).toContain('at least 4 characters');
    expect(put).not.toHaveBeenCalled();
  });
});

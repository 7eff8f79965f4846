import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { CreateKeyDialog } from '@/features/api-keys/create-key-dialog';
import { show } from '../support/render';

const create = vi.hoisted(() => vi.fn());
vi.mock('@/api/client', () => ({ api: { apiKeys: { create } } }));

describe('a new key', () => {
  it('offers no more than the person may do, and shows its secret once it is made', async () => {
    create.mockResolvedValue({ key: 'mr_secret' });
    const { user } = await show(<CreateKeyDialog onClose={() => undefined} />, {
      scopes: ['workflow:read', 'workflow:execute'],
    });
    await user.type(screen.getByLabelText(/^Name/), 'nightly');
    await user.click(screen.getByRole('checkbox', { name: /workflow:read/ }));
    await user.click(screen.getByRole('button', { name: 'Make the key' }));

    expect((await screen.findByLabelText('The new key')).textContent).toBe('mr_secret');
    expect(create.mock.calls[0]?.[0]).toMatchObject({ name: 'nightly', scopes: ['workflow:execute'] });
  });
});

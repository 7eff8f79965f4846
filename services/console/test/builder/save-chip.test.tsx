import { ApiProblem, NetworkError } from '@millrace/client';
import type { JsonObject } from '@millrace/contracts';
import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { SaveChip } from '@/features/builder/saving/save-chip';
import { createSaver, type Known } from '@/features/builder/saving/saver';
import { show } from '../support/render';

const draft = (name: string): JsonObject => ({ name, nodes: [], edges: [] });

/** A chip beside an editor, and a platform that answers what the test says. */
async function setup() {
  let document = draft('Orders');
  const platform: { known: Known; failure?: Error | undefined } = {
    known: { definition: document, revision: 1 },
  };
  const saver = createSaver(platform.known, {
    current: () => document,
    replace: (definition) => (document = definition),
    read: () => Promise.resolve(platform.known),
    write: (definition, revision) => {
      if (platform.failure) return Promise.reject(platform.failure);
      if (revision !== platform.known.revision) return Promise.reject(problem(412));
      platform.known = { definition, revision: revision + 1 };
      return Promise.resolve(revision + 1);
    },
    keep: () => undefined,
    schedule: () => () => undefined,
  });
  const { user } = await show(<SaveChip saver={saver} workflowId="wf_1" />);
  const edit = (name: string): void => {
    document = { ...document, name };
    act(() => saver.changed());
  };
  const save = (): Promise<void> => act(() => saver.flush());
  return { platform, user, edit, save, document: () => document };
}

const problem = (status: number): ApiProblem =>
  new ApiProblem({ type: `/errors/x${status}`, title: 'No', status, detail: 'It is too large.' });
const chip = () => screen.getByRole('status', { name: 'Saving' }).textContent;

describe('SaveChip', () => {
  it('says that an edit is on its way, and that it has come', async () => {
    const { edit, save } = await setup();
    expect(chip()).toBe('Saved');
    edit('Bills');
    expect(chip()).toBe('Saving');
    await save();
    expect(chip()).toBe('Saved');
  });

  it('tries again at once when somebody chooses it offline', async () => {
    const { platform, user, edit, save } = await setup();
    platform.failure = new NetworkError('connection', '/', 'Cannot reach the platform');
    edit('Bills');
    await save();
    expect(chip()).toBe('Offline');
    platform.failure = undefined;
    await user.click(screen.getByRole('button', { name: 'Offline' }));
    await waitFor(() => expect(chip()).toBe('Saved'));
    expect(platform.known.definition).toEqual(draft('Bills'));
  });

  it('says why something was not taken', async () => {
    const { platform, user, edit, save } = await setup();
    platform.failure = problem(413);
    edit('Bills');
    await save();
    await user.hover(screen.getByRole('button', { name: 'Not saved' }));
    expect((await screen.findByRole('tooltip')).textContent).toContain('It is too large.');
  });

  it('shows both sides of a conflict, and does what is chosen', async () => {
    const { platform, user, edit, save, document } = await setup();
    platform.known = { definition: draft('Theirs'), revision: 2 };
    edit('Mine');
    await save();
    await user.click(screen.getByRole('button', { name: 'Conflict' }));
    const cells = (await screen.findAllByRole('cell')).map(({ textContent }) => textContent);
    expect(cells).toEqual(['name', 'Mine', 'Theirs']);
    await user.click(screen.getByRole('button', { name: 'Take theirs' }));
    await waitFor(() => expect(chip()).toBe('Saved'));
    expect(document()).toEqual(draft('Theirs'));
  });
});

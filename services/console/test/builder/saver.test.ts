import { ApiProblem, NetworkError } from '@millrace/client';
import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { createSaver, SAVE_AFTER_MS, type Known, type Unsaved } from '@/features/builder/saving/saver';

const refusal = (status: number): ApiProblem =>
  new ApiProblem({ type: `/errors/x${status}`, title: 'No', status, detail: `refused ${status}` });
const unreachable = (): NetworkError => new NetworkError('connection', '/', 'Cannot reach the platform');
const doc = (more: JsonObject = {}): JsonObject => ({
  name: 'Orders',
  description: '',
  nodes: [],
  edges: [],
  ...more,
});

interface Page {
  document: JsonObject;
  kept: Unsaved | undefined;
  timers: { run: () => void; delayMs: number }[];
}

/** A platform with one draft, and one editor of it whose clock stands until it is moved. */
function setup() {
  const known: Known = { definition: doc(), revision: 1 };
  const failures: Error[] = [];
  const platform = { known, failures, writes: 0 };
  const page: Page = { document: doc(), kept: undefined, timers: [] };
  const saver = createSaver(platform.known, {
    current: () => page.document,
    replace: (definition) => {
      page.document = definition;
    },
    read: () => Promise.resolve(platform.known),
    write: (definition, revision) => {
      platform.writes += 1;
      const failure = platform.failures.shift();
      if (failure) return Promise.reject(failure);
      if (revision !== platform.known.revision) return Promise.reject(refusal(412));
      platform.known = { definition, revision: revision + 1 };
      return Promise.resolve(revision + 1);
    },
    keep: (copy) => {
      page.kept = copy;
    },
    schedule: (run, delayMs) => {
      const timer = { run, delayMs };
      page.timers.push(timer);
      return () => {
        page.timers = page.timers.filter((one) => one !== timer);
      };
    },
  });
  const edit = (more: JsonObject): void => {
    page.document = { ...page.document, ...more };
    saver.changed();
  };
  const elsewhere = (more: JsonObject): void => {
    platform.known = {
      definition: { ...platform.known.definition, ...more },
      revision: platform.known.revision + 1,
    };
  };
  const status = () => saver.store.getState().status;
  return { saver, platform, page, edit, elsewhere, status };
}

describe('saving a draft', () => {
  it('waits for a pause, and saves once what many edits made', async () => {
    const { saver, platform, page, edit, status } = setup();
    edit({ name: 'O' });
    edit({ name: 'Or' });
    edit({ name: 'Order' });
    expect(page.timers.map(({ delayMs }) => delayMs)).toEqual([SAVE_AFTER_MS]);
    expect(status()).toBe('saving');
    await saver.flush();
    expect([platform.writes, platform.known.definition['name'], status()]).toEqual([1, 'Order', 'saved']);
  });

  it('keeps an edit in the browser until the platform has it', async () => {
    const { saver, platform, page, edit, status } = setup();
    platform.failures = [unreachable()];
    edit({ name: 'Kept' });
    await saver.flush();
    expect([status(), page.kept?.mine['name'], page.kept?.base.revision]).toEqual(['offline', 'Kept', 1]);
    expect(page.timers).toHaveLength(1);
    page.timers[0]?.run();
    await saver.flush();
    expect([status(), page.kept, platform.known.definition['name']]).toEqual(['saved', undefined, 'Kept']);
  });

  it('waits longer after each failure', async () => {
    const { saver, platform, page, edit } = setup();
    platform.failures = [unreachable(), refusal(503), unreachable()];
    edit({ name: 'x' });
    const delays: (number | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await saver.flush();
      delays.push(page.timers.at(-1)?.delayMs);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000]);
  });

  it('does not repeat what was refused, but tries the next edit', async () => {
    const { saver, platform, page, edit, status } = setup();
    platform.failures = [refusal(413)];
    edit({ name: 'Too large' });
    await saver.flush();
    expect([status(), page.timers.length]).toEqual(['refused', 0]);
    edit({ name: 'Small' });
    await saver.flush();
    expect(status()).toBe('saved');
  });

  it('joins what two people changed in different places', async () => {
    const { saver, platform, page, edit, elsewhere, status } = setup();
    elsewhere({ description: 'Theirs' });
    edit({ name: 'Mine' });
    await saver.flush();
    expect(status()).toBe('saved');
    expect(platform.known.definition).toEqual(doc({ name: 'Mine', description: 'Theirs' }));
    expect(page.document).toEqual(platform.known.definition);
  });

  it('knows its own edit again when the answer to it was lost', async () => {
    const { saver, platform, edit, elsewhere, status } = setup();
    platform.failures = [unreachable()];
    edit({ name: 'Half' });
    await saver.flush();
    elsewhere({ name: 'Half' });
    edit({ name: 'Whole' });
    await saver.flush();
    expect([status(), platform.known.definition['name']]).toEqual(['saved', 'Whole']);
  });

  it('leaves it to a person where both changed the same, and loses neither', async () => {
    const { saver, platform, page, edit, elsewhere, status } = setup();
    elsewhere({ name: 'Theirs' });
    edit({ name: 'Mine' });
    await saver.flush();
    expect(status()).toBe('conflict');
    expect([page.document['name'], platform.known.definition['name'], page.kept?.mine['name']]).toEqual([
      'Mine',
      'Theirs',
      'Mine',
    ]);
    // Typing goes on, and is still not written over the other one's.
    edit({ description: 'More of mine' });
    await saver.flush();
    expect(platform.known.definition['name']).toBe('Theirs');
    saver.resolve('mine');
    await saver.flush();
    expect(platform.known.definition).toEqual(doc({ name: 'Mine', description: 'More of mine' }));
    expect(status()).toBe('saved');
  });

  it('can take the other side’s', async () => {
    const { saver, page, edit, elsewhere, status } = setup();
    elsewhere({ name: 'Theirs' });
    edit({ name: 'Mine' });
    await saver.flush();
    saver.resolve('theirs');
    await saver.flush();
    expect([page.document['name'], status(), page.kept]).toEqual(['Theirs', 'saved', undefined]);
  });

  it('takes in what others saved where nothing is open here', async () => {
    const { saver, page, elsewhere, status } = setup();
    elsewhere({ name: 'Theirs' });
    await saver.refresh();
    expect([page.document['name'], status(), saver.store.getState().revision]).toEqual([
      'Theirs',
      'saved',
      2,
    ]);
  });

  it('has nothing to save after an edit was undone', async () => {
    const { saver, platform, edit, status } = setup();
    edit({ name: 'Other' });
    edit({ name: 'Orders' });
    await saver.flush();
    expect([platform.writes, status()]).toEqual([0, 'saved']);
  });
});

import { createProcessPool, type ProcessPool, siblingScript } from '@millrace/isolation';
import { expect } from 'chai';
import type { TestRequest } from './support/script.js';

const PATIENT = { timeoutMs: 9_000 };

describe('createProcessPool', () => {
  let pool: ProcessPool<TestRequest, number>;
  beforeEach(() => {
    const script = siblingScript('./support/script', import.meta.url);
    pool = createProcessPool({ script, processes: 2, maxHeapMb: 64 });
  });
  afterEach(() => pool.stop());

  it('answers every request, more of them than processes', async () => {
    const values = Array.from({ length: 20 }, (_, value) => value);

    const results = await Promise.all(values.map((value) => pool.run({ do: 'echo', value }, PATIENT)));

    expect(results).to.deep.equal(values.map((answer) => ({ kind: 'answered', answer })));
  });

  it('kills what blocks and goes on with the rest', async () => {
    const blocked = pool.run({ do: 'block' }, { timeoutMs: 1_000 });
    const neighbour = pool.run({ do: 'echo', value: 7 }, PATIENT);

    expect(await blocked).to.deep.equal({ kind: 'timeout' });
    expect(await neighbour).to.deep.equal({ kind: 'answered', answer: 7 });
  });

  it('survives a process that eats its memory, and one that throws', async () => {
    expect((await pool.run({ do: 'eat' }, PATIENT)).kind).to.equal('died');
    expect((await pool.run({ do: 'throw' }, PATIENT)).kind).to.equal('died');
    expect(await pool.run({ do: 'echo', value: 3 }, PATIENT)).to.deep.equal({ kind: 'answered', answer: 3 });
  });

  it('stops at an abort, under way or waiting', async () => {
    const controller = new AbortController();
    const underWay = pool.run({ do: 'block' }, { ...PATIENT, signal: controller.signal });
    controller.abort();

    expect(await underWay).to.deep.equal({ kind: 'aborted' });
    expect(await pool.run({ do: 'echo' }, { ...PATIENT, signal: controller.signal })).to.deep.equal({
      kind: 'aborted',
    });
  });

  it('gives its processes nothing of the environment', async () => {
    const result = await pool.run({ do: 'environment' }, PATIENT);

    expect(result.kind === 'answered' && result.answer).to.be.at.most(1);
  });

  it('aborts everything when stopped', async () => {
    const running = [1, 2, 3].map(() => pool.run({ do: 'block' }, PATIENT));

    await pool.stop();

    expect((await Promise.all(running)).map((result) => result.kind)).to.deep.equal([
      'aborted',
      'aborted',
      'aborted',
    ]);
  });
});

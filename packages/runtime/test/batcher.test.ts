import { expect } from 'chai';
import { createBatcher } from '../src/batcher.js';

interface Gate {
  readonly batches: number[][];
  /** Ends the oldest flush under way. */
  open(error?: Error): void;
  flush(items: readonly number[]): Promise<readonly string[]>;
}

function createGate(): Gate {
  const batches: number[][] = [];
  const waiting: { items: readonly number[]; resolve(r: string[]): void; reject(e: Error): void }[] = [];
  return {
    batches,
    open(error) {
      const next = waiting.shift();
      if (error === undefined) next?.resolve(next.items.map(String));
      else next?.reject(error);
    },
    flush(items) {
      batches.push([...items]);
      return new Promise((resolve, reject) => waiting.push({ items, resolve, reject }));
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batcher', () => {
  it('takes along whatever one turn of the event loop adds, in order', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 10,
      concurrency: 1,
      flush: (items) => gate.flush(items),
    });

    const answers = Promise.all([3, 1, 2].map((n) => batcher.add(n)));
    await turn();
    gate.open();

    expect(gate.batches).to.deep.equal([[3, 1, 2]]);
    expect(await answers).to.deep.equal(['3', '1', '2']);
  });

  it('gathers the next batch while one is under way, and never makes one too large', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 2,
      concurrency: 1,
      flush: (items) => gate.flush(items),
    });

    const first = batcher.add(1);
    await turn();
    const rest = Promise.all([2, 3, 4].map((n) => batcher.add(n)));
    await turn();
    expect(gate.batches).to.deep.equal([[1]]);
    for (let opened = 0; opened < 3; opened += 1) {
      gate.open();
      await turn();
      await turn();
    }

    expect(gate.batches).to.deep.equal([[1], [2, 3], [4]]);
    expect([await first, ...(await rest)]).to.deep.equal(['1', '2', '3', '4']);
  });

  it('runs as many flushes at once as it may', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 1,
      concurrency: 2,
      flush: (items) => gate.flush(items),
    });

    const all = Promise.all([1, 2, 3].map((n) => batcher.add(n)));
    await turn();
    expect(gate.batches).to.deep.equal([[1], [2]]);
    gate.open();
    gate.open();
    await turn();
    await turn();
    gate.open();

    expect(await all).to.deep.equal(['1', '2', '3']);
  });

  it('never puts items of one key into one batch', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 10,
      concurrency: 1,
      flush: (items) => gate.flush(items),
      keyOf: (item) => (item === 0 ? undefined : String(item % 2)),
    });

    const all = Promise.all([1, 3, 2, 0, 0, 5].map((n) => batcher.add(n)));
    for (let opened = 0; opened < 3; opened += 1) {
      await turn();
      gate.open();
      await turn();
    }

    expect(gate.batches).to.deep.equal([[1, 2, 0, 0], [3], [5]]);
    expect(await all).to.deep.equal(['1', '3', '2', '0', '0', '5']);
  });

  it('rejects the items of a failing flush and goes on with the others', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 1,
      concurrency: 1,
      flush: (items) => gate.flush(items),
    });

    const answers = Promise.allSettled([batcher.add(1), batcher.add(2)]);
    await turn();
    gate.open(new Error('no'));
    await turn();
    await turn();
    gate.open();

    expect((await answers).map((answer) => answer.status)).to.deep.equal(['rejected', 'fulfilled']);
  });

  it('is idle when nothing is queued or under way', async () => {
    const gate = createGate();
    const batcher = createBatcher<number, string>({
      maxItems: 1,
      concurrency: 1,
      flush: (items) => gate.flush(items),
    });
    await batcher.idle();
    const answer = batcher.add(1);
    let isIdle = false;
    const idle = batcher.idle().then(() => {
      isIdle = true;
    });
    await turn();
    expect(isIdle).to.equal(false);

    gate.open();
    await answer;
    await idle;

    expect(isIdle).to.equal(true);
  });
});

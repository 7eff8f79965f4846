import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';
import { startLoop } from '../src/loop.js';

const HOUR_MS = 3_600_000;

describe('loop', () => {
  it('goes on at once while there is work, and pauses when there is none', async () => {
    const left = [3, 2, 0];
    let rounds = 0;
    const loop = startLoop({
      everyMs: HOUR_MS,
      task() {
        rounds += 1;
        return Promise.resolve(left.shift() ?? 0);
      },
      onError: () => undefined,
    });

    await eventually(() => {
      expect(rounds).to.equal(3);
    });
    await loop.stop();

    expect(rounds).to.equal(3);
  });

  it('hurries out of a pause, and after a round that was under way', async () => {
    let rounds = 0;
    let finish: () => void = () => undefined;
    const loop = startLoop({
      everyMs: HOUR_MS,
      async task() {
        rounds += 1;
        if (rounds === 2) await new Promise<void>((resolve) => (finish = resolve));
        return 0;
      },
      onError: () => undefined,
    });
    await eventually(() => {
      expect(rounds).to.equal(1);
    });

    loop.hurry();
    await eventually(() => {
      expect(rounds).to.equal(2);
    });
    loop.hurry();
    finish();
    await eventually(() => {
      expect(rounds).to.equal(3);
    });
    await loop.stop();
  });

  it('asks how long to pause', async () => {
    const pauses = [0, 0, HOUR_MS];
    let rounds = 0;
    const loop = startLoop({
      everyMs: HOUR_MS,
      nextMs: () => Promise.resolve(pauses.shift() ?? HOUR_MS),
      task() {
        rounds += 1;
        return Promise.resolve(0);
      },
      onError: () => undefined,
    });

    await eventually(() => {
      expect(rounds).to.equal(3);
    });
    await loop.stop();
  });

  it('tells the first failure of an outage, tries again, and tells the next outage', async () => {
    const outcomes = ['fail', 'fail', 'work', 'fail', 'work'];
    const errors: unknown[] = [];
    const loop = startLoop({
      everyMs: 1,
      task() {
        const outcome = outcomes.shift();
        return outcome === 'fail' ? Promise.reject(new Error('away')) : Promise.resolve(0);
      },
      onError: (error) => errors.push(error),
    });

    await eventually(() => {
      expect(outcomes).to.have.length(0);
    });
    await loop.stop();

    expect(errors).to.have.length(2);
  });

  it('stops in the middle of a pause, after the round under way, and twice', async () => {
    let isOver = false;
    const loop = startLoop({
      everyMs: HOUR_MS,
      async task() {
        await new Promise(setImmediate);
        isOver = true;
        return 0;
      },
      onError: () => undefined,
    });

    await Promise.all([loop.stop(), loop.stop()]);

    expect(isOver).to.equal(true);
  });
});

import { expect } from 'chai';
import { startTimer } from '../src/run/long-timer.js';

describe('a long timer', () => {
  it('waits on when the longest wait of one timer is over', async () => {
    const startedAt = performance.now();

    await new Promise<void>((resolve) => {
      startTimer(60, resolve, 5);
    });

    // Timers may fire a millisecond early.
    expect(performance.now() - startedAt).to.be.at.least(58);
  });

  it('calls nobody once it was stopped', async () => {
    let calls = 0;
    const stop = startTimer(20, () => (calls += 1), 5);
    await new Promise<void>((resolve) => {
      startTimer(10, resolve);
    });
    stop();
    await new Promise<void>((resolve) => {
      startTimer(30, resolve);
    });

    expect(calls).to.equal(0);
  });
});

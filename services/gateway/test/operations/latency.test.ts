import type { EndedMinute } from '@millrace/persistence';
import { expect } from 'chai';
import { toLatency, toThroughput } from '../../src/operations/latency.js';

const NOW = new Date('2026-11-23T12:00:30Z');

function minute(minutesAgo: number, changes: Partial<EndedMinute> = {}): EndedMinute {
  const began = new Date(Math.floor(NOW.getTime() / 60_000) * 60_000 - minutesAgo * 60_000);
  const none = { completed: 0, failed: 0, cancelled: 0, timedOut: 0, started: 0, countedUntil: undefined };
  return { minute: began, ...none, waits: [], durations: [], ...changes };
}

describe('throughput', () => {
  it('is what was counted where all was', () => {
    const shown = toThroughput(minute(3, { completed: 7, failed: 2 }), NOW);

    expect(shown).to.deep.include({
      minute: '2026-11-23T11:57:00.000Z',
      completed: 7,
      failed: 2,
      exact: true,
    });
  });

  it('is estimated from the time that was counted', () => {
    const countedUntil = new Date('2026-11-23T11:57:15Z');
    const shown = toThroughput(minute(3, { completed: 1_500, failed: 500, countedUntil }), NOW);

    expect(shown).to.deep.include({ completed: 6_000, failed: 2_000, exact: false });
  });

  it('of the minute that is going on is what ended so far', () => {
    const countedUntil = new Date('2026-11-23T12:00:15Z');
    const shown = toThroughput(minute(0, { completed: 2_000, countedUntil }), NOW);

    expect(shown).to.deep.include({ completed: 4_000, exact: false });
  });
});

describe('latency', () => {
  it('has no percentiles where nothing ended', () => {
    expect(toLatency([minute(1), minute(0)], NOW, 900)).to.deep.equal({
      ...{ window_seconds: 900, queue_wait: null, duration: null, sample: 0, exact: true },
    });
  });

  it('is of the minutes in the window alone', () => {
    const values = (value: number) => ({ started: 1, completed: 1, waits: [value], durations: [value] });
    const minutes = [minute(20, values(9)), minute(2, values(1))];

    expect(toLatency(minutes, NOW, 900).duration).to.deep.equal({ p50: 1, p95: 1, p99: 1 });
    expect(toLatency(minutes, NOW, 3_600).duration).to.deep.equal({ p50: 1, p95: 9, p99: 9 });
  });

  it('gives a busy minute the weight of what ended in it', () => {
    const quiet = minute(2, { started: 2, completed: 2, waits: [9, 9], durations: [9, 9] });
    const busy = minute(1, { started: 1_000, completed: 1_000, waits: [1, 1], durations: [1, 1] });

    const shown = toLatency([quiet, busy], NOW, 900);

    expect(shown.queue_wait).to.deep.equal({ p50: 1, p95: 1, p99: 1 });
    expect(shown).to.deep.include({ sample: 4, exact: false });
  });

  it('is exact although some were cancelled before they began', () => {
    const ended = minute(1, { cancelled: 3, completed: 1, started: 1, waits: [2], durations: [4] });

    expect(toLatency([ended], NOW, 900)).to.deep.include({ sample: 1, exact: true });
  });
});

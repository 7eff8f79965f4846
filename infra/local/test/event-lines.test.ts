import { expect } from 'chai';
import { describeEvents } from '../event-lines.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 12, 0, seconds)).toISOString();

describe('the lines of a running example', () => {
  it('show each step with its time, sign, name and duration, and the whole with its own', () => {
    const describeEvent = describeEvents();

    const lines = [
      { type: 'queued', timestamp: at(0), data: {} },
      { type: 'started', timestamp: at(1), data: {} },
      { type: 'step_started', timestamp: at(1), data: { step_name: 'Plan' } },
      { type: 'step_completed', timestamp: at(1), data: { step_name: 'Plan', duration_ms: 31.4 } },
      {
        type: 'step_failed',
        timestamp: at(2),
        data: { step_id: 'send', error: { message: 'no such host' } },
      },
      { type: 'completed', timestamp: at(3), data: {} },
    ].flatMap((event) => describeEvent(event) ?? []);

    expect(lines.map((line) => line.replace(/^\d\d:\d\d:/, '').replaceAll(/ +/g, ' '))).to.deep.equal([
      '01 ✓ Plan 31 ms',
      '02 ✗ send no such host',
      '03 ● completed 2.0 s',
    ]);
  });

  it('are none for what it does not know', () => {
    expect(describeEvents()({ type: 'token', data: {} })).to.equal(undefined);
    expect(describeEvents()(undefined)).to.equal(undefined);
  });
});

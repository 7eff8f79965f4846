import { describe, expect, it } from 'vitest';
import { applyEvents } from '@/features/execution/live/reduce';
import { formatCountdown } from '@/features/execution/layout/words';
import { rowsOf } from '@/features/execution/timeline/rows';
import { createScale, ticksOf } from '@/features/execution/timeline/scale';
import { segmentsOf } from '@/features/execution/timeline/segments';
import { emptyViewOf, recording } from './recorded';

const viewOf = (name: string) => applyEvents(emptyViewOf(recording(name)), recording(name).events).view;

describe('createScale', () => {
  const span = { fromMs: 0, toMs: 100_000 };
  const busy = [
    { fromMs: 0, toMs: 4_000 },
    { fromMs: 90_000, toMs: 100_000 },
  ];
  it('makes what is idle for long narrow, and keeps the order of time', () => {
    const scale = createScale(span, busy, true);
    expect(scale.gaps.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([[4_000, 90_000]]);
    const positions = [0, 2_000, 4_000, 50_000, 90_000, 95_000, 100_000].map((ms) => scale.position(ms));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect([positions[0], positions.at(-1)]).toEqual([0, 1]);
    expect((positions[4] ?? 0) - (positions[2] ?? 0)).toBeLessThan(0.05);
  });
  it('finds the time of a place again', () => {
    const scale = createScale(span, busy, true);
    for (const ms of [0, 1_234, 4_000, 60_000, 95_000]) {
      expect(scale.time(scale.position(ms))).toBeCloseTo(ms, 3);
    }
  });
  it('is even without compression, and holds what is beyond at its ends', () => {
    const scale = createScale(span, busy, false);
    expect([scale.position(25_000), scale.position(-5), scale.position(200_000)]).toEqual([0.25, 0, 1]);
  });
  it('writes round times', () => {
    expect(ticksOf(createScale({ fromMs: 0, toMs: 8_000 }, [], false), 8)).toEqual([
      0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000,
    ]);
  });
});

describe('segmentsOf', () => {
  it('tells queued, dispatched, tries and back-off apart, without overlap', () => {
    const view = viewOf('completed');
    const flaky = view.steps.get('flaky');
    if (!flaky) throw new Error('flaky is missing');
    const segments = segmentsOf(flaky, view, view.atMs ?? 0);
    expect(
      segments.map(({ kind }) => kind).filter((kind) => kind !== 'queued' && kind !== 'dispatched'),
    ).toEqual([...['running', 'backoff', 'running', 'backoff', 'running']]);
    segments.slice(1).forEach((segment, index) => {
      expect(segment.fromMs).toBeGreaterThanOrEqual(segments[index]?.toMs ?? 0);
    });
  });
  it('runs on to now while a step waits', () => {
    const view = viewOf('waiting');
    const ask = view.steps.get('ask');
    const now = (view.atMs ?? 0) + 60_000;
    expect(ask && segmentsOf(ask, view, now).at(-1)).toMatchObject({
      kind: 'waiting',
      toMs: now,
      isOpen: true,
    });
  });
});

describe('rowsOf', () => {
  const options = { open: new Set<string>(), failedOnly: false, childrenOf: () => [] };
  it('opens iterations and the steps in them', () => {
    const view = viewOf('completed');
    const open = new Set(['price', 'price#2']);
    const rows = rowsOf(view, { ...options, open }).map(({ label, depth }) => `${depth} ${label}`);
    const at = rows.indexOf('0 Price each order');
    expect(rows.slice(at, at + 7)).toEqual([
      '0 Price each order',
      '1 Iteration 1',
      '1 Iteration 2',
      '1 Iteration 3',
      '2 Add VAT',
      '2 Check',
      '1 Iteration 4',
    ]);
  });
  it('shows failures alone, those that were made good too', () => {
    const rows = rowsOf(viewOf('completed'), { ...options, failedOnly: true });
    expect(rows.map(({ key }) => key)).toEqual(['flaky']);
  });
});

describe('formatCountdown', () => {
  it('counts down to nothing', () => {
    expect([12_000, 3_723_000, 400, -5].map(formatCountdown)).toEqual(['00:12', '1:02:03', '00:01', '00:00']);
  });
});

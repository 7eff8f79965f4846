import type { OperationsResource } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { warningsOf } from '@/features/operations/warnings';

const exactly = (count: number) => ({ count, exact: true });
const worker = (changes: Partial<OperationsResource['workers'][number]> = {}) => ({
  ...{ worker_id: 'w', host: 'one', pid: 7, version: '1', state: 'alive' as const, slots: 4, busy: 0 },
  ...{ started_at: '2026-01-01T00:00:00Z', heartbeat_at: '2026-01-01T00:00:00Z', heartbeat_age_seconds: 1 },
  ...changes,
});
const operations = (
  queue: Partial<OperationsResource['queue']> = {},
  workers = [worker()],
): OperationsResource => ({
  measured_at: '2026-01-01T00:00:00Z',
  queue: {
    ...{ queued: exactly(0), running: exactly(0), waiting: exactly(0), paused: exactly(0) },
    ...{
      runnable: exactly(0),
      oldest_runnable_seconds: null,
      hints: { waiting: 0, active: 0 },
      window_size: 5_000,
    },
    ...queue,
  },
  workers,
  throughput: [],
  latency: [],
});

describe('the warnings of operations', () => {
  it('are none when all is well', () => {
    expect(warningsOf(operations())).toEqual([]);
  });

  it('say that no worker is there', () => {
    const found = warningsOf(operations({ runnable: exactly(3) }, [worker({ state: 'lost' })]));

    expect(found[0]).toContain('No worker is there, and 3 executions could run');
    expect(found[1]).toContain('one:7');
  });

  it('say when an execution waits long and all slots are taken', () => {
    const found = warningsOf(operations({ oldest_runnable_seconds: 90 }, [worker({ busy: 4 })]));

    expect(found).toEqual([
      'An execution has been waiting for a worker for 1 min 30 s. All slots are taken: add workers.',
    ]);
  });

  it('say that the queue is away', () => {
    expect(warningsOf(operations({ hints: null }))).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { createRunStatus, edgeRun } from '@/features/canvas/run-status';
import { feedCanvas } from '@/features/execution/live/feed-canvas';
import { createLiveExecution } from '@/features/execution/live/live-execution';
import { applyEvents } from '@/features/execution/live/reduce';
import { emptyViewOf, recording } from './recorded';

async function setup(name: string) {
  const empty = emptyViewOf(recording(name));
  const live = createLiveExecution({
    source: { events: () => Promise.resolve([]), follow: () => emptyStream() },
    ...{ first: empty, empty, schedule: () => undefined },
  });
  const run = createRunStatus(queueMicrotask);
  const stop = feedCanvas(live, run);
  live.store.setState({ view: applyEvents(empty, recording(name).events).view });
  await Promise.resolve();
  return { stop, steps: run.store.getState().steps };
}

async function* emptyStream(): AsyncGenerator<never, void, undefined> {
  await Promise.resolve();
}

describe('feedCanvas', () => {
  it('shows on the cards what the log says of the steps', async () => {
    const { stop, steps } = await setup('waiting');
    expect(steps.get('ask')?.status).toBe('waiting');
    expect(steps.get('flaky')).toMatchObject({ status: 'failed', attempt: 3, maxAttempts: 3 });
    expect(steps.get('price')?.iterations).toEqual({ done: 5, total: 5 });
    stop();
  });
  it('tells taken edges from those that were not', async () => {
    const { stop, steps } = await setup('completed');
    const edge = (port: string, to: string) => edgeRun(port, steps.get('large'), steps.get(to));
    expect([edge('true', 'plan'), edge('false', 'small')]).toEqual(['taken', 'untaken']);
    stop();
  });
  it('leaves nothing running in an execution that was cancelled', async () => {
    const { stop, steps } = await setup('cancelled');
    const open = ['running', 'waiting', 'sleeping', 'retrying'];
    expect([...steps.values()].filter(({ status }) => open.includes(status))).toEqual([]);
    stop();
  });
});

import { describe, expect, it } from 'vitest';
import { createRunStatus, edgeRun } from '@/features/canvas/run-status';
import { feedCanvas } from '@/features/execution/live/feed-canvas';
import { createLiveExecution } from '@/features/execution/live/live-execution';
import { applyEvents } from '@/features/execution/live/reduce';
import { emptyViewOf, recording } from './recorded';

async function setup(name: string, last = 0) {
  const empty = emptyViewOf(recording(name));
  const live = createLiveExecution({
    source: { events: () => Promise.resolve([]), follow: () => emptyStream() },
    ...{ first: empty, empty, schedule: () => undefined },
  });
  const run = createRunStatus(queueMicrotask);
  const stop = feedCanvas(live, run);
  const { events } = recording(name);
  const { view } = applyEvents(empty, events.slice(0, events.length - last));
  live.store.setState({ view });
  await Promise.resolve();
  live.store.setState({ view: applyEvents(view, events).view });
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
  it('says so also where the end is all that came', async () => {
    const { stop, steps } = await setup('cancelled', 1);
    expect([...steps.values()].map(({ status }) => status)).toContain('cancelled');
    stop();
  });
});

import type { LogLine } from '@millrace/contracts';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TooltipProvider } from '@/components/ui/tooltip';
import { whyNotExecution } from '@/features/execution/actions/applicable';
import { outcomeWords } from '@/features/execution/actions/use-steering';
import { AttemptsTab } from '@/features/execution/inspector/attempts-tab';
import { LogList } from '@/features/execution/inspector/log-list';
import { filterLines, mergeLines } from '@/features/execution/inspector/logs';
import { ConnectionBanner } from '@/features/execution/live/connection-banner';
import { changeConnection, connectingAt } from '@/features/execution/live/connection';
import { createLiveExecution } from '@/features/execution/live/live-execution';
import { applyEvents } from '@/features/execution/live/reduce';
import { emptyViewOf, recording } from './recorded';

const show = (element: ReactElement) => {
  const around = (inner: ReactElement): ReactElement => (
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>{inner}</TooltipProvider>
    </QueryClientProvider>
  );
  const { rerender } = render(around(element));
  return (next: ReactElement) => rerender(around(next));
};

const line = (number: number, level: LogLine['level'] = 'info'): LogLine => ({
  ...{ step_id: 'flaky', attempt: 1, line: number, level, message: `line ${number}` },
  timestamp: '2026-11-30T12:00:00.000Z',
});
const lines = (count: number): LogLine[] => Array.from({ length: count }, (_, index) => line(index + 1));

describe('retries', () => {
  it('counts down to the next one', () => {
    const { events } = recording('completed');
    const upTo = events.findIndex(({ type }) => type === 'step_retrying') + 1;
    const step = applyEvents(emptyViewOf(recording('completed')), events.slice(0, upTo)).view.steps.get(
      'flaky',
    );
    if (!step) throw new Error('flaky is missing');
    const retryAtMs = step.retryAtMs ?? 0;
    const update = show(<AttemptsTab step={step} nowMs={retryAtMs - 3_400} />);
    expect(screen.getByRole('timer').textContent).toBe('Next retry in 00:04');
    update(<AttemptsTab step={step} nowMs={retryAtMs - 900} />);
    expect(screen.getByRole('timer').textContent).toBe('Next retry in 00:01');
  });
});

describe('the connection', () => {
  it('is spoken of while it is lost and no longer', () => {
    const empty = emptyViewOf(recording('waiting'));
    const live = createLiveExecution({
      source: { events: () => Promise.resolve([]), follow: () => ({ [Symbol.asyncIterator]: vi.fn() }) },
      ...{ first: empty, empty, schedule: () => undefined },
    });
    show(<ConnectionBanner live={live} />);
    expect(screen.queryByRole('status')).toBeNull();
    const at = Date.parse('2026-11-30T12:04:31Z');
    let connection = changeConnection(connectingAt(at), { type: 'connected' }, at);
    connection = changeConnection(connection, { type: 'failed' }, at);
    act(() =>
      live.store.setState({ connection: changeConnection(connection, { type: 'grace_over' }, at + 3_000) }),
    );
    expect(screen.getByRole('status').textContent).toMatch(
      /^Live updates paused · reconnecting · data as of \d\d:04:31$/,
    );
    act(() =>
      live.store.setState({ connection: changeConnection(connection, { type: 'connected' }, at + 9_000) }),
    );
    expect(screen.queryByRole('status')).toBeNull();
  });
});

describe('what an answer means', () => {
  it('tells of a cancellation what it is, done or not', () => {
    expect(outcomeWords('cancel', { status: 'cancelled' })).toBe('The execution is cancelled');
    expect(outcomeWords('cancel', { status: 'running' })).toMatch(/^Still running: its worker has been told/);
    expect(outcomeWords('cancel', { status: 'completed' })).toBe('The execution had ended before: completed');
  });
  it('says of what cannot be done why', () => {
    expect(whyNotExecution('cancel', 'failed')).toBe('It has ended: failed.');
    expect(whyNotExecution('retry', 'completed')).toMatch(/Rerun it instead/);
    expect([whyNotExecution('retry', 'failed'), whyNotExecution('pause', 'running')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('logs', () => {
  afterEach(() => vi.restoreAllMocks());

  const box = (): HTMLElement => {
    const element = screen.getByRole('log');
    Object.defineProperties(element, {
      scrollHeight: { configurable: true, value: 2_000 },
      clientHeight: { configurable: true, value: 400 },
    });
    return element;
  };

  it('are followed to their end until somebody scrolls up, and again from there', () => {
    const update = show(<LogList lines={lines(50)} showAttempts={false} />);
    const element = box();
    update(<LogList lines={lines(60)} showAttempts={false} />);
    expect(element.scrollTop).toBe(2_000);
    element.scrollTop = 300;
    fireEvent.scroll(element);
    update(<LogList lines={lines(102)} showAttempts={false} />);
    expect(element.scrollTop).toBe(300);
    fireEvent.click(screen.getByRole('button', { name: '42 new' }));
    expect(element.scrollTop).toBe(2_000);
    expect(screen.queryByRole('button', { name: /new/ })).toBeNull();
  });
  it('are followed also where lines take more room than was thought', () => {
    const update = show(<LogList lines={lines(50)} showAttempts={false} />);
    const element = box();
    update(<LogList lines={lines(60)} showAttempts={false} />);
    Object.defineProperty(element, 'scrollHeight', { configurable: true, value: 3_000 });
    fireEvent.scroll(element);
    update(<LogList lines={lines(61)} showAttempts={false} />);
    expect(element.scrollTop).toBe(3_000);
    expect(screen.queryByRole('button', { name: /new/ })).toBeNull();
  });
  it('have each line once, whether it was recorded, came live, or both', () => {
    const merged = mergeLines([line(1), line(2)], [line(2), line(3)]);
    expect(merged.map(({ line: number }) => number)).toEqual([1, 2, 3]);
  });
  it('are filtered by level and text', () => {
    const all = [line(1, 'debug'), line(2, 'warn'), line(3, 'error')];
    expect(filterLines(all, 'warn', '').map(({ line: number }) => number)).toEqual([2, 3]);
    expect(filterLines(all, 'debug', 'LINE 3')).toHaveLength(1);
  });
});

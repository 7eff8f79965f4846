import { ApiProblem, type FollowOptions, type StreamFrame } from '@millrace/client';
import type { EventFrame } from '@millrace/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GRACE_MS, POLL_EVERY_MS } from '@/features/execution/live/connection';
import { createLiveExecution, type LiveSource } from '@/features/execution/live/live-execution';
import { applyEvents } from '@/features/execution/live/reduce';
import { emptyViewOf, recording } from './recorded';

const waiting = recording('waiting');

/** A platform whose socket the test opens, feeds and breaks. */
function fakeSource(log: readonly EventFrame[]) {
  const written = [...log];
  const read = vi.fn((afterSeq: number) => Promise.resolve(written.slice(afterSeq)));
  let options: FollowOptions | undefined;
  const queue: StreamFrame[] = [];
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  const source: LiveSource = {
    events: read,
    async *follow(given) {
      options = given;
      for (;;) {
        const frame = queue.shift();
        if (frame !== undefined) yield frame;
        else if (failure) throw failure;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
  return {
    ...{ source, written, read },
    lastSeq: () => options?.lastSeq,
    connect: () => options?.onConnection?.({ status: 'connected', at: new Date().toISOString() }),
    lose: () => options?.onConnection?.({ status: 'reconnecting', reason: 'gone', inMs: 1_000 }),
    send: async (...frames: readonly StreamFrame[]) => {
      queue.push(...frames);
      wake?.();
      await vi.advanceTimersByTimeAsync(20);
    },
    refuse: async (error: Error) => {
      failure = error;
      wake?.();
      await vi.advanceTimersByTimeAsync(20);
    },
  };
}

async function setup(known: number, log = waiting.events) {
  const platform = fakeSource(log.slice(0, known));
  const empty = emptyViewOf(waiting);
  const live = createLiveExecution({
    source: platform.source,
    first: empty,
    empty,
    schedule: (work) => void setTimeout(work, 16),
  });
  const stop = live.start();
  await vi.advanceTimersByTimeAsync(20);
  return { ...platform, live, stop, state: () => live.store.getState() };
}

describe('createLiveExecution', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads the log and follows from where it ends', async () => {
    const { state, lastSeq, stop } = await setup(10);
    expect([state().isCaughtUp, state().view.seq, lastSeq()]).toEqual([true, 10, 10]);
    stop();
  });

  it('applies all frames of one animation frame in one change', async () => {
    const { live, state, connect, send, stop } = await setup(10);
    connect();
    const changes = vi.fn();
    live.store.subscribe(changes);
    await send(...waiting.events.slice(10, 30));
    expect(state().view.seq).toBe(30);
    expect(changes).toHaveBeenCalledTimes(1);
    stop();
  });

  it('reads the log again where an event is missing, and drops what comes twice', async () => {
    const { state, written, read, connect, send, stop } = await setup(10);
    connect();
    written.push(...waiting.events.slice(10, 20));
    const [event] = waiting.events.slice(17, 18);
    if (event) await send(event);
    expect([state().view.seq, read.mock.calls.at(-1)?.[0]]).toEqual([20, 10]);
    await send(...waiting.events.slice(12, 21));
    expect(state().view).toEqual(applyEvents(emptyViewOf(waiting), waiting.events.slice(0, 21)).view);
    stop();
  });

  it('says after three seconds that the socket is lost, since when, and that it is back', async () => {
    const { state, connect, lose, stop } = await setup(10);
    connect();
    await vi.advanceTimersByTimeAsync(60_000);
    const lostAt = Date.now();
    lose();
    await vi.advanceTimersByTimeAsync(GRACE_MS - 100);
    expect(state().connection.isStale).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect([state().connection.isStale, state().connection.asOfMs]).toEqual([true, lostAt]);
    connect();
    expect([state().connection.status, state().connection.isStale]).toEqual(['live', false]);
    stop();
  });

  it('asks for the log after three failures, until the socket is back', async () => {
    const { state, written, read, connect, lose, stop } = await setup(10);
    connect();
    lose();
    lose();
    await vi.advanceTimersByTimeAsync(POLL_EVERY_MS * 2);
    expect(read).toHaveBeenCalledTimes(1);
    lose();
    written.push(...waiting.events.slice(10, 25));
    await vi.advanceTimersByTimeAsync(POLL_EVERY_MS + 50);
    expect(state().view.seq).toBe(25);
    expect(state().connection.asOfMs).toBeGreaterThan(Date.now() - 1_000);
    connect();
    const asked = read.mock.calls.length;
    await vi.advanceTimersByTimeAsync(POLL_EVERY_MS * 3);
    expect(read.mock.calls.length).toBe(asked);
    stop();
  });

  it('gives up where the server refuses, keeps what it has and says why', async () => {
    const { state, refuse, stop } = await setup(10);
    const refusal = new ApiProblem({
      type: '/errors/forbidden',
      title: 'Forbidden',
      status: 403,
      detail: 'Access denied to this execution',
    });
    await refuse(refusal);
    expect([state().connection.status, state().connection.error, state().view.seq]).toEqual([
      'refused',
      refusal,
      10,
    ]);
    stop();
  });

  it('comes to rest with the last event', async () => {
    const { events } = recording('completed');
    const { state, connect, send, stop } = await setup(events.length - 1, events);
    connect();
    await send(...events.slice(-1));
    expect([state().connection.status, state().view.status]).toEqual(['over', 'completed']);
    stop();
  });

  it('goes on where it was when it is stopped and started again', async () => {
    const { live, state, written, stop } = await setup(10);
    stop();
    written.push(...waiting.events.slice(10, 15));
    const again = live.start();
    await vi.advanceTimersByTimeAsync(20);
    expect(state().view.seq).toBe(15);
    again();
  });
});

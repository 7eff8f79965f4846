import {
  ApiProblem,
  isEventFrame,
  type ConnectionState,
  type FollowOptions,
  type StreamFrame,
} from '@millrace/client';
import { isTerminal, type EventFrame, type TransientFrame } from '@millrace/contracts';
import { createStore, type StoreApi } from 'zustand';
import { createServerClock } from './clock';
import {
  changeConnection,
  connectingAt,
  GRACE_MS,
  isPolling,
  POLL_EVERY_MS,
  type Connection,
  type ConnectionChange,
} from './connection';
import { applyEvents } from './reduce';
import { addToStreams, createStreams, type Streams } from './streams';
import type { ExecutionView } from './view';

/** What an execution is followed by: the log by request, and its frames as they come. */
export interface LiveSource {
  /** Committed events behind this seq, 1,000 at most. */
  events(afterSeq: number, signal: AbortSignal): Promise<readonly EventFrame[]>;
  follow(options: FollowOptions): AsyncIterable<StreamFrame>;
}

export interface LiveState {
  readonly view: ExecutionView;
  /** Whether the whole log is in the view; before that it may show what the server's summary says. */
  readonly isCaughtUp: boolean;
  readonly connection: Connection;
  /** Of the server's clock, ahead of this machine's. */
  readonly offsetMs: number;
}

export interface LiveExecution {
  readonly store: StoreApi<LiveState>;
  readonly streams: Streams;
  /** Follows until the returned function is called; may be started again then, and goes on where it was. */
  start(): () => void;
}

interface LiveOptions {
  readonly source: LiveSource;
  /** Shown until the log has been read; `empty` is where reading begins. */
  readonly first: ExecutionView;
  readonly empty: ExecutionView;
  /** Runs a function once, soon: with the next animation frame. */
  readonly schedule: (work: () => void) => void;
  readonly now?: () => number;
}

const PAGE = 1_000;
const MAX_PAUSE_MS = 30_000;

/** Asking again would be answered the same. */
const isRefusal = (error: unknown): boolean => error instanceof ApiProblem && error.status < 500;

/** Rejects when the signal does. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('No longer wanted'));
    });
  });
}

/**
 * One execution as it happens: the log from its beginning, then frames, applied once per animation frame. Frames that
 * are known are dropped, and behind a gap the log is read again, so that the view is right whatever the socket does.
 */
export function createLiveExecution(options: LiveOptions): LiveExecution {
  const { source, schedule, now = Date.now } = options;
  const store = createStore<LiveState>(() => ({
    view: options.first,
    isCaughtUp: false,
    connection: connectingAt(now()),
    offsetMs: 0,
  }));
  const streams = createStreams();
  const clock = createServerClock();
  /** What has been read and not yet been shown. */
  let known = options.empty;
  let events: EventFrame[] = [];
  let transient: TransientFrame[] = [];
  let heard = { connection: 0, sinceMs: 0 };
  let isScheduled = false;
  let reading: Promise<void> | undefined;
  let life = new AbortController();
  let grace: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  const change = (made: ConnectionChange): void => {
    const connection = changeConnection(store.getState().connection, made, now());
    store.setState({ connection });
    if (connection.status !== 'lost' && connection.status !== 'connecting') {
      clearTimeout(grace);
      grace = undefined;
    } else if (!connection.isStale) {
      grace ??= setTimeout(() => change({ type: 'grace_over' }), GRACE_MS);
    }
    if (!isPolling(connection)) {
      clearInterval(poll);
      poll = undefined;
    } else {
      poll ??= setInterval(() => void read().catch(() => undefined), POLL_EVERY_MS);
    }
  };

  const startedAtMs = (key: string): number => known.steps.get(key)?.history.at(-1)?.startedAtMs ?? 0;

  const flush = (): void => {
    isScheduled = false;
    if (life.signal.aborted) return;
    const arrived = events;
    events = [];
    const reduced = applyEvents(known, arrived);
    known = reduced.view;
    addToStreams(streams, transient, { ...heard, startedAtMs });
    transient = [];
    if (store.getState().isCaughtUp) store.setState({ view: known, offsetMs: clock.offsetMs() });
    if (reduced.isGap) read().catch(() => undefined);
    if (isTerminal(known.status)) change({ type: 'ended' });
  };
  const flushSoon = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    schedule(flush);
  };

  /** Reads the log to its end. One reader at a time: who comes while it reads gets the same. */
  const read = (): Promise<void> => {
    if (reading) return reading;
    const mine = readAll(life.signal).finally(() => {
      if (reading === mine) reading = undefined;
    });
    reading = mine;
    return mine;
  };
  const readAll = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const page = await source.events(known.seq, signal);
      if (signal.aborted) return;
      known = applyEvents(known, page).view;
      if (page.length < PAGE) break;
    }
    store.setState({ view: known, isCaughtUp: true });
    change(isTerminal(known.status) ? { type: 'ended' } : { type: 'polled' });
  };

  const onConnection = (state: ConnectionState): void => {
    if (state.status === 'connected') {
      clock.note(state.at, now());
      heard = { connection: heard.connection + 1, sinceMs: Date.parse(state.at) };
      store.setState({ offsetMs: clock.offsetMs() });
      change({ type: 'connected' });
    } else change({ type: 'failed' });
  };

  /** The beginning may meet a platform that is away for a moment. */
  const readFirst = async (signal: AbortSignal): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await read();
      } catch (error) {
        if (signal.aborted || isRefusal(error)) throw error;
        change({ type: 'failed' });
        await pause(Math.min(MAX_PAUSE_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2), signal);
      }
    }
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    await readFirst(signal);
    if (isTerminal(known.status)) return;
    const frames = source.follow({ lastSeq: known.seq, transient: true, signal, onConnection });
    for await (const frame of frames) {
      if (isEventFrame(frame)) {
        clock.note(frame.timestamp, now());
        events.push(frame);
      } else transient.push(frame);
      flushSoon();
    }
  };

  return {
    store,
    streams,
    start() {
      life = new AbortController();
      const { signal } = life;
      change({ type: 'polled' });
      follow(signal).catch((error: unknown) => {
        if (!signal.aborted) change({ type: 'refused', error });
      });
      return () => {
        life.abort();
        // A read of before must not be taken for one of the next start.
        reading = undefined;
        clearTimeout(grace);
        clearInterval(poll);
        grace = poll = undefined;
      };
    },
  };
}

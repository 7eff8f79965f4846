import { isExecutionId, type EventFrame, type TransientFrame, type snapshotFrame } from '@millrace/contracts';
import type * as z from 'zod';
import type { TokenSource } from '../auth/token-source.js';
import { ApiProblem, StreamRefused } from '../errors.js';
import { asError, pause } from '../http/deadline.js';
import { isPassing, reconnectDelay } from '../http/retry.js';
import type { Closing, Connect, Connection } from './connection.js';
import { isEventFrame, isTerminalFrame, isTransientFrame } from './frames.js';
import { keepAuthorized } from './keep-authorized.js';
import { executionPlace, workflowPlace, type Place, type PlaceStart } from './place.js';
import { GapError, type ReadEvents } from './sequencer.js';

export type StreamFrame = EventFrame | TransientFrame;
export type ConnectionState =
  /** `at` is the server's clock, RFC 3339. */
  | { readonly status: 'connected'; readonly at: string }
  | { readonly status: 'reconnecting'; readonly reason: string; readonly inMs: number };

/**
 * `lastSeq` (of one execution): events after this seq; without it, the whole log from 1.
 * `since` and `executions` (of a workflow): what happened since then and is not covered by the last seq per execution;
 * without `since` the stream starts live.
 */
export interface FollowOptions extends PlaceStart {
  /** Deliver progress, log lines and tokens too; they may be lost. */
  readonly transient?: boolean | undefined;
  /** Ends the iteration by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
  /** The live and the changed executions of a workflow, told after each resume. */
  readonly onSnapshot?: ((snapshot: z.output<typeof snapshotFrame>) => void) | undefined;
}

export interface FollowContext {
  readonly connect: Connect;
  readonly tokens: TokenSource;
  readonly readEvents: ReadEvents;
  /** Whether what is followed has ended for good. Throws what the API says when it may not be seen. */
  readonly isOver: () => Promise<boolean>;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly random: () => number;
  readonly onUnauthorized: ((problem: ApiProblem) => void) | undefined;
}

/** A server that complains about so many connections in a row does not speak our language. */
const MAX_COMPLAINTS = 3;
const MAX_RENEWALS = 2;

/**
 * The frames of an execution or of all executions of a workflow, each event once and in the order of its `seq`,
 * through any number of lost connections. An execution's stream ends after its terminal event, a workflow's never.
 * Throws ApiProblem or StreamRefused when there is no use in coming back, and the signal's reason on abort.
 */
export function follow(
  context: FollowContext,
  id: string,
  options: FollowOptions,
): AsyncGenerator<StreamFrame, void, undefined> {
  return new Follower(context, id, options).frames();
}

class Follower {
  readonly #context: FollowContext;
  readonly #options: FollowOptions;
  readonly #executionId: string | undefined;
  readonly #place: Place;
  /** Connections in a row that brought no event, and how many of those ended for want of a token or in a complaint. */
  #fruitless = 0;
  #renewals = 0;
  #complaints = 0;

  constructor(context: FollowContext, id: string, options: FollowOptions) {
    this.#context = context;
    this.#options = options;
    this.#executionId = isExecutionId(id) ? id : undefined;
    this.#place =
      this.#executionId === undefined
        ? workflowPlace(options, context.readEvents)
        : executionPlace(id, options, context.readEvents);
  }

  async *frames(): AsyncGenerator<StreamFrame, void, undefined> {
    const { signal } = this.#options;
    for (;;) {
      signal?.throwIfAborted();
      let reason: string;
      let delayMs: number;
      try {
        const token = await this.#context.tokens.current(signal);
        const closing = yield* this.#oneConnection(token);
        if (closing.why === 'finished' && (yield* this.#conclude())) return;
        delayMs = await this.#delayAfter(closing, token);
        reason = reasonOf(closing);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof GapError) && !isPassing(error)) throw error;
        delayMs = this.#backoff();
        reason = asError(error).message;
      }
      this.#fruitless += 1;
      this.#options.onConnection?.({ status: 'reconnecting', reason, inMs: delayMs });
      await pause(delayMs, signal);
    }
  }

  async *#oneConnection(token: string | undefined): AsyncGenerator<StreamFrame, Closing, undefined> {
    const { signal } = this.#options;
    const connection = this.#context.connect(this.#place.next(), token);
    const release = keepAuthorized(this.#context.tokens, connection, token);
    const hangUp = (): void => connection.close();
    signal?.addEventListener('abort', hangUp, { once: true });
    try {
      return yield* this.#consume(connection);
    } finally {
      signal?.removeEventListener('abort', hangUp);
      release();
      connection.close();
    }
  }

  async *#consume(connection: Connection): AsyncGenerator<StreamFrame, Closing, undefined> {
    const { signal, transient, onConnection, onSnapshot } = this.#options;
    const { sequencer } = this.#place;
    for (;;) {
      const arrival = await connection.next();
      signal?.throwIfAborted();
      if ('closed' in arrival) return arrival.closed;
      const { frame } = arrival;
      this.#place.note(frame);
      if (isEventFrame(frame)) {
        for await (const event of sequencer.admit(frame)) {
          this.#fruitless = this.#renewals = this.#complaints = 0;
          yield event;
        }
        if (this.#executionId !== undefined && isTerminalFrame(frame)) return { why: 'finished' };
      } else if (isTransientFrame(frame)) {
        if (transient === true) yield frame;
      } else if (frame.type === 'connected') {
        onConnection?.({ status: 'connected', at: frame.timestamp });
      } else if (frame.type === 'snapshot') {
        onSnapshot?.(frame);
      } else if (frame.type === 'end' && this.#executionId !== undefined) {
        for await (const event of sequencer.catchUp(this.#executionId, frame.last_seq)) yield event;
        return { why: 'finished' };
      } else if (frame.type === 'error') {
        return this.#complaint(frame.detail);
      }
    }
  }

  /** The server did not understand us: a new connection may, a third one will not. */
  #complaint(detail: string): Closing {
    this.#complaints += 1;
    if (this.#complaints < MAX_COMPLAINTS) return { why: 'lost', reason: detail };
    return { why: 'refused', error: new StreamRefused(1002, detail) };
  }

  /** True when the stream has said all there is; a server that merely went away is asked, and its word completed. */
  async *#conclude(): AsyncGenerator<StreamFrame, boolean, undefined> {
    const id = this.#executionId;
    if (id === undefined) return false;
    const { sequencer } = this.#place;
    if (sequencer.isFinished(id)) return true;
    if (!(await this.#context.isOver())) return false;
    for (;;) {
      const missed = await this.#context.readEvents(id, sequencer.lastSeq(id));
      if (missed.length === 0) return true;
      for (const frame of missed) for await (const event of sequencer.admit(frame)) yield event;
    }
  }

  /** Milliseconds until the next connection; throws when there should be none. */
  async #delayAfter(closing: Closing, token: string | undefined): Promise<number> {
    switch (closing.why) {
      case 'refused':
        throw closing.error;
      case 'unauthorized':
        return this.#renew(closing.error, token);
      case 'too_slow':
        return this.#fruitless === 0 ? 0 : this.#backoff();
      case 'lost':
        // Asking over HTTP tells a refusal from a server that is away, where the socket could not.
        if (closing.unexplained === true) await this.#context.isOver();
        return Math.max(closing.retryAfterMs ?? 0, this.#backoff());
      case 'finished':
        return this.#backoff();
    }
  }

  async #renew(error: Error, token: string | undefined): Promise<number> {
    this.#renewals += 1;
    const { tokens, onUnauthorized } = this.#context;
    const renewed = token === undefined ? undefined : await tokens.renew(token, this.#options.signal);
    if (renewed !== undefined && renewed !== token && this.#renewals <= MAX_RENEWALS) {
      return this.#renewals === 1 ? 0 : this.#backoff();
    }
    if (error instanceof ApiProblem) onUnauthorized?.(error);
    throw error;
  }

  #backoff(): number {
    const { minDelayMs, maxDelayMs, random } = this.#context;
    return reconnectDelay(this.#fruitless, minDelayMs, maxDelayMs, random());
  }
}

function reasonOf(closing: Closing): string {
  switch (closing.why) {
    case 'lost':
      return closing.reason;
    case 'too_slow':
      return 'the stream is faster than its reader';
    case 'finished':
      return 'the server closed the stream';
    case 'unauthorized':
    case 'refused':
      return closing.error.message;
  }
}

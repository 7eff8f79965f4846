import type { ExecutionHead } from '@millrace/persistence';
import type { FeedEvent, FeedTransient } from './frame.js';

/** Who receives a stream: a WebSocket, or an SSE answer. No method may throw. */
export interface FeedSink {
  /** `isLive` is false for what is read from the log for a resume. */
  event(event: FeedEvent, isLive: boolean): void;
  transient(transient: FeedTransient): void;
  /** Undefined when there is room for more of the past, else resolves when there is, or when it is closed. */
  ready(): Promise<void> | undefined;
}

export interface SubscriptionSource {
  /** Position of the live stream; undefined for an execution it knows nothing of. */
  position(executionId: string): number | undefined;
  /** At most `limit` entries after `afterSeq`, in order. */
  readAfter(executionId: string, afterSeq: number, limit: number): Promise<FeedEvent[]>;
}

/** Where a resume begins: after `lastSeq`, in a log that reached to `headSeq` when it was looked at. */
export interface ResumePoint {
  lastSeq: number;
  headSeq: number;
}

const PAGE = 100;
/** Executions of one receiver that catch up at once. */
const CONCURRENCY = 8;

/**
 * One receiver's view of a workflow's stream. While it is being found out where to resume, everything live is withheld
 * and only its place noted; then each of these executions is read from the log until it has caught up with the live
 * stream. The switch back to live is made in one turn of the event loop, so nothing falls between.
 */
export class Subscription {
  readonly #source: SubscriptionSource;
  readonly #sink: FeedSink;
  readonly #only: string | undefined;
  /** Delivered up to here. Absent: live from wherever the stream is. */
  readonly #cursors = new Map<string, number>();
  readonly #catchingUp = new Set<string>();
  /** By execution the first event that was not delivered, while everything is withheld. */
  #withheld: Map<string, number> | undefined;
  #resuming: Promise<void> | undefined;
  #isClosed = false;

  /** `withhold`: nothing is delivered before the first `resume`. */
  constructor(
    source: SubscriptionSource,
    sink: FeedSink,
    { only, withhold }: { only?: string | undefined; withhold: boolean },
  ) {
    this.#source = source;
    this.#sink = sink;
    this.#only = only;
    if (withhold) this.#withheld = new Map();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#cursors.clear();
    this.#withheld = undefined;
  }

  live(event: FeedEvent): void {
    const { executionId, seq, isTerminal } = event;
    if (!this.#isWanted(executionId) || this.#catchingUp.has(executionId)) return;
    const cursor = this.#cursors.get(executionId);
    const isRepeat = cursor !== undefined && seq <= cursor;
    if (isTerminal) this.#cursors.delete(executionId);
    if (isRepeat) return;
    if (this.#withheld !== undefined) {
      if (!this.#withheld.has(executionId)) this.#withheld.set(executionId, seq);
      return;
    }
    if (cursor !== undefined && !isTerminal) this.#cursors.set(executionId, seq);
    this.#sink.event(event, true);
  }

  transient(transient: FeedTransient): void {
    const { executionId } = transient;
    if (!this.#isWanted(executionId) || this.#withheld !== undefined) return;
    if (!this.#catchingUp.has(executionId)) this.#sink.transient(transient);
  }

  /**
   * Finds out with `plan` where to resume and catches up there. Resolves when all of it goes on live. One at a time:
   * a second one waits for the first, and nothing is withheld for it before its turn. A failure to read closes the subscription, for it would leave a gap, and rejects.
   */
  resume(plan: () => Promise<ReadonlyMap<string, ResumePoint>>): Promise<void> {
    // At once, not when the promise is looked at: what is emitted in between belongs to the resume.
    const mine =
      this.#resuming === undefined ? this.#resume(plan) : this.#resuming.then(() => this.#resume(plan));
    const settled = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#resuming === settled) this.#resuming = undefined;
      });
    this.#resuming = settled;
    return mine;
  }

  async #resume(plan: () => Promise<ReadonlyMap<string, ResumePoint>>): Promise<void> {
    if (this.#isClosed) return;
    this.#withheld ??= new Map();
    try {
      const points = new Map(await plan());
      for (const [executionId, seq] of this.#withheld) {
        if (!points.has(executionId)) points.set(executionId, { lastSeq: seq - 1, headSeq: seq });
      }
      for (const executionId of points.keys()) this.#catchingUp.add(executionId);
      this.#withheld = undefined;
      const todo = points.entries();
      const catchUpNext = async (): Promise<void> => {
        for (const [executionId, point] of todo) await this.#catchUp(executionId, point);
      };
      await Promise.all(Array.from({ length: Math.min(CONCURRENCY, points.size) }, catchUpNext));
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#catchingUp.clear();
    }
  }

  async #catchUp(executionId: string, { lastSeq, headSeq }: ResumePoint): Promise<void> {
    let cursor = lastSeq;
    let hasEnded = false;
    while (!this.#isClosed) {
      // The stream may be ahead of what the head said when it was read.
      const target = Math.max(headSeq, this.#source.position(executionId) ?? 0);
      if (cursor >= target) break;
      await this.#sink.ready();
      const page = await this.#source.readAfter(executionId, cursor, PAGE);
      if (page.length === 0) throw new Error(`the log of ${executionId} ends at ${cursor}, not at ${target}`);
      for (const event of page) {
        const waiting = this.#sink.ready();
        if (waiting !== undefined) await waiting;
        if (this.#isClosed) return;
        this.#sink.event(event, false);
        cursor = event.seq;
        hasEnded = event.isTerminal;
      }
    }
    if (this.#isClosed) return;
    this.#catchingUp.delete(executionId);
    const position = this.#source.position(executionId);
    // What the live stream has passed, or will never come to, needs no cursor.
    if (hasEnded && position !== undefined && position >= cursor) this.#cursors.delete(executionId);
    else this.#cursors.set(executionId, cursor);
  }

  #isWanted(executionId: string): boolean {
    return !this.#isClosed && (this.#only === undefined || this.#only === executionId);
  }
}

/** Of an execution that is known: undefined when the client claims to have seen more than there is. */
export function resumePoint(head: ExecutionHead, lastSeq: number): ResumePoint | undefined {
  return lastSeq > head.lastSeq ? undefined : { lastSeq, headSeq: head.lastSeq };
}

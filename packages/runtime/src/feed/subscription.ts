import type { ExecutionHead } from '@millrace/persistence';
import type { FeedEvent, FeedTransient } from './frame.js';

/** Who receives a stream: a WebSocket, or an SSE answer. */
export interface FeedSink {
  event(event: FeedEvent): void;
  transient(transient: FeedTransient): void;
  /** Resolves when there is room for more of the past; live events do not ask. Rejects or resolves when it is closed. */
  ready(): Promise<void>;
}

export interface SubscriptionSource {
  /** Position of the live stream; undefined for an execution it knows nothing of. */
  position(executionId: string): number | undefined;
  /** At most `limit` entries after `afterSeq`, in order. */
  readAfter(executionId: string, afterSeq: number, limit: number): Promise<FeedEvent[]>;
}

const PAGE = 200;

/**
 * One receiver's view of a workflow's stream. An execution that was resumed is read from the log until it has caught up
 * with the live stream; the switch is made in one turn of the event loop, so nothing falls between.
 */
export class Subscription {
  readonly #source: SubscriptionSource;
  readonly #sink: FeedSink;
  readonly #only: string | undefined;
  /** Delivered up to here. Absent: live from wherever the stream is. */
  readonly #cursors = new Map<string, number>();
  readonly #catchingUp = new Set<string>();
  #isClosed = false;

  constructor(source: SubscriptionSource, sink: FeedSink, only: string | undefined) {
    this.#source = source;
    this.#sink = sink;
    this.#only = only;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#cursors.clear();
  }

  live(event: FeedEvent): void {
    const { executionId, seq } = event;
    if (this.#isClosed || (this.#only !== undefined && this.#only !== executionId)) return;
    if (this.#catchingUp.has(executionId)) return;
    const cursor = this.#cursors.get(executionId);
    if (cursor !== undefined) {
      if (seq <= cursor) return;
      if (event.isTerminal) this.#cursors.delete(executionId);
      else this.#cursors.set(executionId, seq);
    }
    this.#sink.event(event);
  }

  transient(transient: FeedTransient): void {
    if (this.#isClosed || (this.#only !== undefined && this.#only !== transient.executionId)) return;
    if (!this.#catchingUp.has(transient.executionId)) this.#sink.transient(transient);
  }

  /** Sends what came after `lastSeq`, then goes on live. Resolves when it has caught up. */
  async resume(head: ExecutionHead, lastSeq: number): Promise<void> {
    const { executionId } = head;
    if (this.#catchingUp.has(executionId)) return;
    this.#catchingUp.add(executionId);
    let cursor = lastSeq;
    try {
      while (!this.#isClosed) {
        // Also the stream may be ahead of what the head said when it was read.
        const target = Math.max(head.lastSeq, this.#source.position(executionId) ?? 0);
        if (cursor >= target) break;
        await this.#sink.ready();
        const page = await this.#source.readAfter(executionId, cursor, PAGE);
        for (const event of page) {
          if (this.#isClosed) return;
          this.#sink.event(event);
          cursor = event.seq;
        }
        if (page.length === 0) break;
      }
      this.#cursors.set(executionId, cursor);
    } finally {
      this.#catchingUp.delete(executionId);
    }
  }
}

import { isTerminal, type EventFrame } from '@millrace/contracts';

/** The committed events of an execution after a seq, as many as one request gives. */
export type ReadEvents = (executionId: string, afterSeq: number) => Promise<EventFrame[]>;

/** A frame came from beyond a gap that the log does not (yet) fill. The stream is best resumed. */
export class GapError extends Error {
  override readonly name = 'GapError';
}

interface Place {
  seq: number;
  timestamp: string;
  finished: boolean;
  /** The consumer has events of it; what follows is owed however old. */
  delivered: boolean;
}

/** Finished executions are remembered so long that no resume can bring their events again. */
const FORGET_AFTER_MS = 10 * 60_000;

/**
 * Turns what arrives (repeats, gaps, late joiners) into each execution's events once and in the order of `seq`.
 */
export class Sequencer {
  readonly #places = new Map<string, Place>();
  readonly #read: ReadEvents;
  #joinedSince: string | undefined;

  constructor(read: ReadEvents, known: Readonly<Record<string, number>>) {
    this.#read = read;
    for (const [id, seq] of Object.entries(known)) {
      this.#places.set(id, { seq, timestamp: new Date(0).toISOString(), finished: false, delivered: true });
    }
  }

  /**
   * From now on an execution that was never seen may have begun unseen: what it did after `since` is owed to the
   * consumer, and read from the log when its first frame is not its first event. What it did before is its history,
   * which servers send along and consumers did not ask for.
   */
  oweSince(since: string): void {
    this.#joinedSince = since;
  }

  /** The last seq delivered of an execution; 0 before the first. */
  lastSeq(executionId: string): number {
    return this.#places.get(executionId)?.seq ?? 0;
  }

  /** True once the terminal event of an execution was delivered. */
  isFinished(executionId: string): boolean {
    return this.#places.get(executionId)?.finished === true;
  }

  /** Last seq by execution, without those that ended long before `now` (epoch milliseconds). */
  positions(now: number): Record<string, number> {
    const positions: Record<string, number> = {};
    for (const [id, place] of this.#places) {
      if (place.finished && now - Date.parse(place.timestamp) > FORGET_AFTER_MS) this.#places.delete(id);
      else positions[id] = place.seq;
    }
    return positions;
  }

  /** What is to be delivered because of this frame: nothing (a repeat), the frame, or what was missing and the frame. */
  async *admit(frame: EventFrame): AsyncGenerator<EventFrame, void, undefined> {
    const place = this.#places.get(frame.execution_id);
    if (place === undefined && (frame.seq === 1 || this.#joinedSince === undefined)) {
      if (this.#advance(frame)) yield frame;
      return;
    }
    const seen = place?.seq ?? 0;
    if (frame.seq <= seen) return;
    if (frame.seq > seen + 1) yield* this.#fill(frame.execution_id, frame.seq - 1);
    if (frame.seq === this.lastSeq(frame.execution_id) + 1 && this.#advance(frame)) yield frame;
  }

  /** Delivers from the log up to `seq`, for an end whose last events did not arrive. */
  async *catchUp(executionId: string, seq: number): AsyncGenerator<EventFrame, void, undefined> {
    if (this.lastSeq(executionId) < seq) yield* this.#fill(executionId, seq);
  }

  async *#fill(executionId: string, upTo: number): AsyncGenerator<EventFrame, void, undefined> {
    while (this.lastSeq(executionId) < upTo) {
      const before = this.lastSeq(executionId);
      for (const event of await this.#read(executionId, before)) {
        if (event.seq !== this.lastSeq(executionId) + 1) break;
        if (this.#advance(event)) yield event;
      }
      if (this.lastSeq(executionId) === before) {
        throw new GapError(`event ${before + 1} of ${executionId} is missing`);
      }
    }
  }

  /** Notes the event; true when it is to be delivered. */
  #advance({ execution_id: id, seq, timestamp, type }: EventFrame): boolean {
    const since = this.#joinedSince;
    const delivered =
      this.#places.get(id)?.delivered === true ||
      since === undefined ||
      Date.parse(timestamp) >= Date.parse(since);
    this.#places.set(id, { seq, timestamp, finished: isTerminal(type), delivered });
    return delivered;
  }
}

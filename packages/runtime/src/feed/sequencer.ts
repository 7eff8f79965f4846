import type { CommittedRange } from '@millrace/messaging';
import { type FeedEvent, toFeedEvent } from './frame.js';

export interface SequencerOptions {
  /** Reads entries of the log, both ends included; answers them in order, without gaps. */
  read(executionId: string, fromSeq: number, toSeq: number): Promise<FeedEvent[]>;
  /** Called in order of `seq` for each execution, each event once. Must not throw. */
  emit(event: FeedEvent): void;
  onReadError(error: unknown, executionId: string): void;
}

interface Track {
  /** Emitted up to here. */
  seq: number;
  /** Known to be committed up to here. */
  head: number;
  /** Came early, by seq. */
  early: Map<number, FeedEvent>;
  filling: boolean;
  /** By the monotonic clock of this process; undefined while it is live. */
  endedAt: number | undefined;
}

/** Finished executions are remembered this long, so that a late repeat is not taken for something new. */
const REMEMBER_MS = 300_000;
/** More early frames than this are cheaper to read again than to keep. */
const MAX_EARLY = 256;
/** Of one read. */
const MAX_READ = 200;

/**
 * Makes one gap-free, repeat-free, ordered stream per execution out of messages that may be lost, repeated or reordered,
 * by filling from the log whatever is missing.
 */
export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #tracks = new Map<string, Track>();

  constructor(options: SequencerOptions) {
    this.#options = options;
  }

  /** Emitted up to here; undefined for an execution this stream knows nothing of. */
  position(executionId: string): number | undefined {
    return this.#tracks.get(executionId)?.seq;
  }

  /** Nothing up to `seq` will be emitted: the stream begins after it. Ignored where it has begun. */
  begin(executionId: string, seq: number, { isOver }: { isOver: boolean }): void {
    if (this.#tracks.has(executionId)) return;
    const track = newTrack(seq);
    if (isOver) track.endedAt = performance.now();
    this.#tracks.set(executionId, track);
  }

  /** A message of the bus. An execution nobody has heard of is new: its stream begins at 1. */
  receive(range: CommittedRange): void {
    const track = this.#track(range.executionId);
    if (range.toSeq <= track.seq) return;
    track.head = Math.max(track.head, range.toSeq);
    for (const frame of range.frames ?? []) {
      if (frame.seq > track.seq && track.early.size < MAX_EARLY) {
        track.early.set(frame.seq, toFeedEvent(range.executionId, frame));
      }
    }
    this.#advance(range.executionId, track);
  }

  /** What the database says of an execution: the log reaches to `head`. */
  reconcile(executionId: string, head: number): void {
    const track = this.#track(executionId);
    track.head = Math.max(track.head, head);
    this.#advance(executionId, track);
  }

  /** Reads again what could not be read before, and forgets what ended long ago. */
  tend(): void {
    const now = performance.now();
    for (const [executionId, track] of this.#tracks) {
      if (track.seq < track.head) this.#advance(executionId, track);
      else if (track.endedAt !== undefined && now - track.endedAt > REMEMBER_MS) {
        this.#tracks.delete(executionId);
      }
    }
  }

  #track(executionId: string): Track {
    let track = this.#tracks.get(executionId);
    if (track === undefined) {
      track = newTrack(0);
      this.#tracks.set(executionId, track);
    }
    return track;
  }

  #advance(executionId: string, track: Track): void {
    if (track.filling) return;
    this.#emitEarly(track);
    if (track.seq < track.head) void this.#fill(executionId, track);
  }

  #emitEarly(track: Track): void {
    for (;;) {
      const next = track.early.get(track.seq + 1);
      if (next === undefined) return;
      this.#emit(track, next);
    }
  }

  #emit(track: Track, event: FeedEvent): void {
    track.early.delete(event.seq);
    track.seq = event.seq;
    if (event.isTerminal) track.endedAt = performance.now();
    this.#options.emit(event);
  }

  /** One read at a time for each execution: what comes meanwhile waits, for it comes later in the order. */
  async #fill(executionId: string, track: Track): Promise<void> {
    const from = track.seq + 1;
    track.filling = true;
    try {
      const events = await this.#options.read(
        executionId,
        from,
        Math.min(track.head, track.seq + MAX_READ, firstEarly(track) - 1),
      );
      for (const event of events) if (event.seq === track.seq + 1) this.#emit(track, event);
    } catch (error) {
      this.#options.onReadError(error, executionId);
    }
    track.filling = false;
    // A read that brought nothing is repeated by the next message or comparison: it must not spin.
    if (track.seq >= from) this.#advance(executionId, track);
  }
}

/** Early frames are all beyond `track.seq`: emitted ones are taken out as the stream passes them. */
function firstEarly(track: Track): number {
  let first = Infinity;
  for (const seq of track.early.keys()) if (seq < first) first = seq;
  return first;
}

function newTrack(seq: number): Track {
  return { seq, head: seq, early: new Map(), filling: false, endedAt: undefined };
}

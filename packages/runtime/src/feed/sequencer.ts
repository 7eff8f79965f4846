import type { CommittedRange } from '@millrace/messaging';
import { type FeedEvent, toFeedEvent } from './frame.js';

export interface SequencerOptions {
  workflowId: string;
  /** Reads entries of the log, both ends included; answers them in order. */
  read(executionId: string, fromSeq: number, toSeq: number): Promise<FeedEvent[]>;
  /** Called in order of `seq` for each execution, each event once. */
  emit(event: FeedEvent): void;
  onReadError(error: unknown): void;
}

interface Track {
  /** Emitted up to here. */
  seq: number;
  /** Known to be committed up to here. */
  head: number;
  /** Came early, by seq. */
  early: Map<number, FeedEvent>;
  filling: boolean;
  endedAt: number | undefined;
}

/** Finished executions are remembered this long, so that a late repeat is not taken for something new. */
const REMEMBER_MS = 300_000;
/** More early frames than this are cheaper to read again than to keep. */
const MAX_EARLY = 1_000;
/** Of one read. */
const MAX_READ = 500;

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
  begin(executionId: string, seq: number): void {
    if (!this.#tracks.has(executionId)) this.#tracks.set(executionId, newTrack(seq));
  }

  /** A message of the bus. */
  receive(range: CommittedRange): void {
    const track = this.#track(range.executionId);
    track.head = Math.max(track.head, range.toSeq);
    if (range.toSeq <= track.seq) return;
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
    if (head <= track.head && track.head <= track.seq) return;
    track.head = Math.max(track.head, head);
    this.#advance(executionId, track);
  }

  /** Forgets what ended long ago. */
  prune(): void {
    const now = performance.now();
    for (const [executionId, { endedAt }] of this.#tracks) {
      if (endedAt !== undefined && now - endedAt > REMEMBER_MS) this.#tracks.delete(executionId);
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
    for (
      let next = track.early.get(track.seq + 1);
      next !== undefined;
      next = track.early.get(track.seq + 1)
    ) {
      this.#emit(track, next);
    }
    if (track.seq < track.head) void this.#fill(executionId, track);
  }

  #emit(track: Track, event: FeedEvent): void {
    track.early.delete(event.seq);
    track.seq = event.seq;
    if (event.isTerminal) track.endedAt = performance.now();
    this.#options.emit(event);
  }

  async #fill(executionId: string, track: Track): Promise<void> {
    track.filling = true;
    let events: FeedEvent[];
    try {
      events = await this.#options.read(
        executionId,
        track.seq + 1,
        Math.min(track.head, track.seq + MAX_READ),
      );
      for (const event of events) if (event.seq === track.seq + 1) this.#emit(track, event);
      for (const seq of track.early.keys()) if (seq <= track.seq) track.early.delete(seq);
    } catch (error) {
      // The next message or the next comparison with the database tries again.
      this.#options.onReadError(error);
      track.filling = false;
      return;
    }
    track.filling = false;
    // When reading brought nothing, the next message or comparison tries again: it must not spin.
    if (events.length > 0) this.#advance(executionId, track);
  }
}

function newTrack(seq: number): Track {
  return { seq, head: seq, early: new Map(), filling: false, endedAt: undefined };
}

/** A hint that an execution may be runnable. It may be lost or repeated; on the wire its job is `<executionId>-<dispatchNo>`. */
export interface ExecutionHint {
  executionId: string;
  dispatchNo: number;
  /** 0 or none is served first, then 1 (urgent) to 2,097,152 (whenever). */
  priority?: number;
}

/** `waiting`: hints no worker took yet, of any priority. `active`: hints whose handler has not settled. */
export interface QueueDepth {
  waiting: number;
  active: number;
}

export type Health = { ok: true } | { ok: false; reason: string };

/** `signal` fires when the job's lock was lost (someone else may hold the hint now) or when `stop` ran out of time. */
export type HintHandler = (hint: ExecutionHint, signal: AbortSignal) => Promise<void>;

export interface ConsumeOptions {
  /** Handlers that run at once in this process, at least 1. */
  concurrency: number;
  /** Told once per lost lock, after the handler's signal fired. */
  onLostLock?: (hint: ExecutionHint) => void;
}

export interface QueueConsumer {
  /** Stops taking hints at once; running handlers go on. Resolves when none is running, without limit of time. */
  pause(): Promise<void>;
  /**
   * Pauses, waits up to `deadlineMs` for the handlers, then fires the signals of those still running and lets go.
   * Their hints come back to other consumers when their locks expire. Never rejects; may be called twice.
   */
  stop(deadlineMs: number): Promise<void>;
}

export interface Incarnation {
  /** Random, and the same for every process until the store loses its contents. */
  incarnation: string;
  /** True for the one caller that created it: whatever was dispatched before is gone. */
  fresh: boolean;
}

/** Carries hints from those who make executions runnable to the workers. */
export interface ExecutionQueue {
  /**
   * Adds hints, one round trip for any number; a hint that is still waiting or active under the same number is dropped.
   * Never waits on a dead store: rejects with MessagingUnavailableError within about a second.
   */
  dispatch(hints: readonly ExecutionHint[]): Promise<void>;
  /** Counts the hints in the store, which is what autoscaling and the scheduler's window look at. */
  depth(): Promise<QueueDepth>;
  /**
   * Runs `handler` for hints as they come. Its settling acknowledges and removes the hint; a rejection is logged and
   * acknowledged too, for the sweep finds the execution again. Resolves at once, also while the store is down:
   * connecting goes on in the background for ever.
   */
  consume(handler: HintHandler, options: ConsumeOptions): Promise<QueueConsumer>;
  /** Reads the store's incarnation and creates it where there is none, as after FLUSHALL or a failover that lost data. */
  ensureIncarnation(): Promise<Incarnation>;
  /** Asks the store for a sign of life; never rejects and never takes longer than about a second. */
  health(): Promise<Health>;
  /** Lets go of every connection; consumers still running are stopped without waiting. May be called twice. */
  close(): Promise<void>;
}

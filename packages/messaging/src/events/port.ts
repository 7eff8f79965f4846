import type { EventFrame, TransientFrame } from '@millrace/contracts';
import type { Health } from '../queue/port.js';

/** Entries `fromSeq` to `toSeq` (both included) of an execution's log are committed. */
export interface CommittedRange {
  workflowId: string;
  executionId: string;
  fromSeq: number;
  toSeq: number;
  /** The last of them ends the execution. */
  terminal: boolean;
  /** The entries themselves: travel with Redis only. A subscriber without them reads the log. */
  frames?: readonly EventFrame[];
  /** To publish: the JSON of each of `frames`, instead of them. Subscribers are given `frames`. */
  frameTexts?: readonly string[];
}

/** A running execution has a new signal to read. Without `workerId` every worker is told. */
export interface ControlHint {
  workerId?: string;
  executionId: string;
  kind: 'signal';
}

/** A timer exists that is due at `wakeAt`, perhaps earlier than a scheduler plans to look. */
export interface Wakeup {
  wakeAt: Date;
}

export type WorkflowMessage =
  { kind: 'committed'; range: CommittedRange } | { kind: 'transient'; frame: TransientFrame };

/** Called in the order of publishing per publisher. Must not throw: what it throws is logged and forgotten. */
export type Listener<T> = (message: T) => void;

/** Resolves when nothing more will be delivered. Later calls do nothing. */
export type Unsubscribe = () => Promise<void>;

/**
 * Carries news between processes; every message may be lost, which no subscriber may mistake for the truth.
 * Publishing rejects with MessagingUnavailableError within about a second when the store is away. Subscribing does not
 * reject: while the store is away it is remembered, and made good before `onReconnect` listeners are called.
 */
export interface EventBus {
  /** Tells the subscribers of each range's workflow what was committed: one round trip, in the given order. */
  publishCommitted(ranges: readonly CommittedRange[]): Promise<void>;
  /** Tells subscribers what is not in the log; a frame too large for the store is shortened (`data.truncated`) or dropped. */
  publishTransient(frames: readonly TransientFrame[]): Promise<void>;
  /** Tells the named workers, or all, to read an execution's signals. */
  publishControl(hints: readonly ControlHint[]): Promise<void>;
  /** Tells the schedulers that something is due at a time they may not know. */
  publishWakeup(wakeup: Wakeup): Promise<void>;
  /** Hears of one workflow; any number of subscribers in this process share one subscription of the store. */
  subscribeWorkflow(workflowId: string, listener: Listener<WorkflowMessage>): Promise<Unsubscribe>;
  /** Hears the hints for one worker, and those for all. */
  subscribeControl(workerId: string, listener: Listener<ControlHint>): Promise<Unsubscribe>;
  /** Hears of new timers. */
  subscribeWakeups(listener: Listener<Wakeup>): Promise<Unsubscribe>;
  /** Calls `listener` after each (re)connection, subscriptions already restored: compare with the database now. */
  onReconnect(listener: () => void): () => void;
  /** Asks the store for a sign of life; never rejects and never takes longer than about a second. */
  health(): Promise<Health>;
  /** Ends every subscription and connection. May be called twice. */
  close(): Promise<void>;
}

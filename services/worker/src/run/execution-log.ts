import {
  isTestVersion,
  type ExecutionError,
  type ExecutionResult,
  type NewEvent,
  type TerminalStatus,
  type Usage,
} from '@millrace/contracts';
import { canSnapshot, currentStep, fold, snapshot } from '@millrace/engine';
import type { AppendAnswer, Claim, WorkerDoor } from '@millrace/runtime';
import type { Clock } from './clock.js';

export interface LogLimits {
  maxEvents: number;
  maxLogBytes: number;
  snapshotEvery: number;
}

/** The log is closed to this claim: another one has it, or the lease is gone. Nothing more may be written or run. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** The database would not store a value of these events, although it is JSON. */
export class EventRefusedError extends Error {
  override readonly name = 'EventRefusedError';
}

/**
 * One claimed execution's log, as the run loop sees it: `add` is at once true in memory, `flush` makes it true for
 * everyone. One append is in flight at a time; what is added meanwhile goes with the next.
 */
export class ExecutionLog {
  readonly #claim: Claim;
  readonly #door: Pick<WorkerDoor, 'append' | 'writeSnapshot'>;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #fence: AbortSignal;
  readonly #isLeaseHeld: () => boolean;
  #pending: NewEvent[] = [];
  #committedSeq: number;
  #flushing: Promise<void> | undefined;
  #snapshotSeq: number;
  #snapshotting: Promise<void> | undefined;
  #bytes: number;
  /** Events of the append under way. */
  #inFlight = 0;
  /** Why an append was not committed. What was added since stands on it and must not be written in its place. */
  #failure: FencedError | EventRefusedError | undefined;
  #isFinished = false;
  /** Messages of the inbox that have been read. */
  inboxSeen: number;
  /** Those that need not be read again after a crash: a pause that is not an event yet is not among them. */
  inboxTaken: number;

  constructor(
    claim: Claim,
    door: Pick<WorkerDoor, 'append' | 'writeSnapshot'>,
    clock: Clock,
    limits: LogLimits,
    guard: { fence: AbortSignal; isLeaseHeld: () => boolean },
  ) {
    this.#claim = claim;
    this.#door = door;
    this.#clock = clock;
    this.#limits = limits;
    this.#fence = guard.fence;
    this.#isLeaseHeld = guard.isLeaseHeld;
    this.#bytes = claim.logBytes;
    this.#committedSeq = claim.lastSeq;
    this.#snapshotSeq = claim.lastSeq;
    this.inboxSeen = claim.inboxRead;
    this.inboxTaken = claim.inboxRead;
  }

  /** Folds an event into the state and lets it join the next flush. After `finish` nothing is recorded any more. */
  add(event: NewEvent): void {
    if (this.#isFinished) return;
    fold(this.#claim.state, event, this.#clock.now());
    this.#pending.push(event);
  }

  get isOverLimit(): boolean {
    return this.#claim.state.lastSeq >= this.#limits.maxEvents || this.#bytes > this.#limits.maxLogBytes;
  }

  /** Counts what an output adds to the log. */
  countBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Resolves when everything added before this call is committed. Rejects with FencedError or EventRefusedError. */
  async flush(): Promise<void> {
    const wanted = this.#committedSeq + this.#pending.length + this.#inFlight;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#committedSeq >= wanted) return;
      this.#flushing ??= this.#appendPending().finally(() => {
        this.#flushing = undefined;
      });
      await this.#flushing;
    }
  }

  async #appendPending(): Promise<void> {
    const events = this.#pending;
    this.#pending = [];
    this.#inFlight = events.length;
    const answer = await this.#append(events, { status: 'running' });
    this.#inFlight = 0;
    this.#expectCommitted(answer);
    this.#committedSeq += events.length;
    this.#snapshotWhenDue();
  }

  /**
   * Gives the slot back until `wakeAt` or a message. False: nothing was written, because a message came that was not
   * seen (what is pending still belongs to us), or because the claim is lost.
   */
  async suspend(event: Extract<NewEvent, { type: 'waiting' }>, wakeAt: number | null): Promise<boolean> {
    const at = wakeAt === null ? null : new Date(wakeAt);
    return this.#giveSlotBack(event, { status: 'waiting', wakeAt: at });
  }

  /** Gives the slot back until somebody resumes the execution; false as for `suspend`. */
  async pause(event: Extract<NewEvent, { type: 'paused' }>): Promise<boolean> {
    return this.#giveSlotBack(event, { status: 'paused' });
  }

  async #giveSlotBack(
    event: NewEvent,
    outcome: Parameters<WorkerDoor['append']>[0]['outcome'],
  ): Promise<boolean> {
    await this.#settled();
    return this.#alone(async () => {
      const answer = await this.#append([...this.#pending, event], outcome);
      if (answer.kind === 'fenced') return false;
      this.#expectCommitted(answer);
      // Whoever wakes it reads the log: what is added from now on is not ours to write.
      this.#failure = new FencedError('the slot was given back');
      return true;
    });
  }

  /** `flush` waits for it, whatever comes of it. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    const clear = (): void => {
      this.#flushing = undefined;
    };
    this.#flushing = working.then(clear, clear);
    return working;
  }

  /** Writes the terminal event together with all that is pending. The state in memory stays as it was before it. */
  async finish(
    event: NewEvent,
    status: TerminalStatus,
    end: { result: ExecutionResult | null; error: ExecutionError | null },
  ): Promise<void> {
    await this.#settled();
    while (this.#snapshotting !== undefined) {
      await this.#snapshotting;
      await this.#settled();
    }
    const events = [...this.#pending, event];
    this.#isFinished = true;
    await this.#alone(async () => {
      const answer = await this.#append(events, {
        status,
        result: end.result === null ? null : JSON.stringify(end.result),
        error: end.error === null ? null : JSON.stringify(end.error),
      });
      this.#expectCommitted(answer);
      this.#committedSeq += events.length;
      this.#pending = [];
    });
  }

  /** Drops what was not committed, so that a terminal event can be written after an event that was refused. */
  async discardPending(): Promise<void> {
    this.#isFinished = true;
    while (this.#flushing !== undefined) await this.#flushing.catch(() => undefined);
    this.#pending = [];
    if (this.#failure instanceof EventRefusedError) this.#failure = undefined;
  }

  async #settled(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #expectCommitted(answer: AppendAnswer): void {
    if (answer.kind === 'committed') return;
    this.#failure =
      answer.kind === 'fenced'
        ? new FencedError('this claim is over')
        : new EventRefusedError(answer.message);
    throw this.#failure;
  }

  #append(
    events: readonly NewEvent[],
    outcome: Parameters<WorkerDoor['append']>[0]['outcome'],
  ): Promise<AppendAnswer> {
    const { executionId, workflowId, workflowVersion, epoch, state } = this.#claim;
    // A process that was stopped may get here before the timer that fences it.
    if (!this.#isLeaseHeld()) return Promise.resolve({ kind: 'fenced' });
    return this.#door.append(
      {
        executionId,
        workflowId,
        isTest: isTestVersion(workflowVersion),
        epoch,
        seq: this.#committedSeq,
        events,
        outcome,
        inboxSeen: outcome.status === 'running' ? this.inboxTaken : this.inboxSeen,
        stepsCompleted: state.completedCount,
        currentStep: currentStep(state),
        usage: hasConsumed(state.usage) ? state.usage : undefined,
      },
      this.#fence,
    );
  }

  /** Only when nothing is pending does the state in memory equal the log, and a snapshot must equal it. */
  #snapshotWhenDue(): void {
    const { executionId, state } = this.#claim;
    const isDue = this.#committedSeq - this.#snapshotSeq >= this.#limits.snapshotEvery;
    if (!isDue || this.#pending.length > 0 || !canSnapshot(state)) return;
    this.#snapshotSeq = this.#committedSeq;
    // Losing one costs a longer fold after a crash, nothing else.
    this.#snapshotting = this.#door
      .writeSnapshot(executionId, this.#committedSeq, JSON.stringify(snapshot(state)))
      .catch(() => undefined)
      .finally(() => {
        this.#snapshotting = undefined;
      });
  }
}

function hasConsumed({ input_tokens, output_tokens }: Usage): boolean {
  return input_tokens > 0 || output_tokens > 0;
}

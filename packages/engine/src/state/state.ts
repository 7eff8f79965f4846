import type {
  BlobReference,
  ExecutionError,
  ExecutionStatus,
  JsonObject,
  OnError,
  StepStatus,
} from '@millrace/contracts';
import type { Plan } from '../graph/plan.js';
import type { Scope } from '../expressions/scope.js';

/** Milliseconds since 1970. Times only ever come in as arguments or with events. */
export type EpochMs = number;

/** What an execution is, apart from its log. `createdAt` is RFC 3339. */
export interface ExecutionContext {
  readonly executionId: string;
  readonly workflowId: string;
  readonly workflowName: string;
  readonly workflowVersion: number;
  readonly parameters: JsonObject;
  readonly owner: string;
  readonly submittedBy: string;
  readonly rootId: string;
  readonly createdAt: string;
}

export type SkipReason = 'branch' | 'upstream' | 'disabled' | 'join';

/**
 * What the incoming edges have decided. `undecided` until they have; then the step runs, is skipped for a reason, or
 * fails because its join cannot be satisfied.
 */
export type Verdict = 'undecided' | 'run' | 'skip_branch' | 'skip_upstream' | 'fail_join';

export interface StepState {
  status: StepStatus;
  verdict: Verdict;
  /** Of the latest start; 0 before the first. */
  attempt: number;
  /** Failed attempts. An attempt that a dead worker took with it is none. */
  failures: number;
  /** Incoming edges of which it is not yet known whether they are taken. */
  unresolved: number;
  /** Incoming edges by what became of them. */
  taken: number;
  /** Not taken although their source ran: it chose another branch. */
  refused: number;
  /** Not taken because their source failed. */
  failedSources: number;
  /** Start of the first attempt and of the latest. */
  firstStartedAt: EpochMs;
  startedAt: EpochMs;
  /** When a sleeping or retrying step goes on. */
  dueAt: EpochMs | null;
  /** The branch of a completed step, the handling of a failed one, the reason of a skipped one. */
  branch: string | null;
  handling: OnError | null;
  reason: SkipReason | null;
  error: ExecutionError | null;
  outputRef: BlobReference | null;
  /** A loser of a join that fired: its result is not wanted any more. */
  isAbandoned: boolean;
  /** Its worker died while it was running. */
  isInterrupted: boolean;
}

/**
 * An execution as its log tells it, and what may happen next. Only `fold`, `provideOutput` and `markInterrupted`
 * change it. The sets keep the order in which their members came, which makes decisions repeatable.
 */
export interface ExecutionState {
  readonly plan: Plan;
  readonly context: ExecutionContext;
  readonly scope: Scope;
  status: ExecutionStatus;
  lastSeq: number;
  /** The latest time an event brought. */
  clock: EpochMs;
  /** Of the first `started`; null before it. */
  startedAt: EpochMs | null;
  readonly steps: readonly StepState[];
  /** Steps with a final outcome, in the order of their events. */
  readonly settled: number[];
  completedCount: number;
  /** Steps to start now. */
  readonly ready: Set<number>;
  /** Steps whose next event needs no work: skipped, pinned, failed by their join, of unknown outcome. */
  readonly facts: Set<number>;
  /** Steps whose attempt is running under this worker. */
  readonly running: Set<number>;
  /** Sleeping and retrying steps. */
  readonly timers: Set<number>;
  /** Losers of a join without a final outcome. */
  readonly losers: Set<number>;
  /** The first failure that ends the execution. */
  failure: ExecutionError | null;
  /** Steps whose output is stored elsewhere and has not been provided. */
  readonly unresolvedOutputs: Set<number>;
}

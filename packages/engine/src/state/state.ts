import type {
  BlobReference,
  ExecutionError,
  ExecutionStatus,
  JsonObject,
  JsonValue,
  LoopPlan,
  OnError,
  StepStatus,
  Usage,
  Wait,
} from '@millrace/contracts';
import type { Scope, ScopeStep } from '../expressions/scope.js';
import type { Graph, Plan, PlanStep } from '../graph/plan.js';

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
  /** Of a child execution that runs a part of a map: where its plan's one step stands in the parent. */
  readonly part?: PartContext | undefined;
}

export interface PartContext {
  /** The iterations that the map is in; null at the top of the workflow. */
  readonly iteration: string | null;
  /** What expressions of the map see in the parent, beside the parameters. */
  readonly scope: {
    readonly steps: Readonly<Record<string, ScopeStep>>;
    readonly item?: JsonValue | undefined;
    readonly index?: number | undefined;
  };
}

export type SkipReason = 'branch' | 'upstream' | 'disabled' | 'join' | 'manual';
/** Why a step that has begun, or might, is not wanted any more. */
export type AbandonReason =
  'join' | 'iteration_failed' | 'execution_failed' | 'execution_timeout' | 'step_timeout';

/**
 * What the incoming edges have decided. `undecided` until they have; then the step runs, is skipped for a reason, or
 * fails because its join cannot be satisfied.
 */
export type Verdict = 'undecided' | 'run' | 'skip_branch' | 'skip_upstream' | 'fail_join';

/** A step in one frame: at the top there is one of each, in a body one for every iteration. */
export interface StepState {
  readonly step: PlanStep;
  readonly frame: Frame;
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
  /** When a sleeping or retrying step goes on, and a waiting one stops to. */
  dueAt: EpochMs | null;
  /** The branch of a completed step, the handling of a failed one, the reason of a skipped one. */
  branch: string | null;
  handling: OnError | null;
  reason: SkipReason | null;
  error: ExecutionError | null;
  outputRef: BlobReference | null;
  /** Its result is not wanted any more. */
  abandoned: AbandonReason | null;
  /** Its worker died while it was running. */
  isInterrupted: boolean;
  /** What it waits for outside; null unless it is waiting. */
  wait: Wait | null;
  /** The iterations of a `map` or `repeat` that is running. */
  loop: Loop | null;
}

/** One run of one graph: the workflow's own, an iteration of a body, or what runs on failure. */
export interface Frame {
  readonly graph: Graph;
  readonly scope: Scope;
  /** The step whose body this is; null at the top. */
  readonly owner: StepState | null;
  /** Number of the iteration. */
  readonly index: number;
  /** Numbers of all iterations it is in, as events spell them; null at the top. */
  readonly iteration: string | null;
  readonly steps: readonly StepState[];
  /** Steps with a final outcome, in the order of their events. */
  readonly settled: StepState[];
  /** How many have begun and are not settled. */
  begun: number;
  /** The first failure that ends it. What has begun is given up then, and nothing further starts. */
  failure: ExecutionError | null;
}

/** A value that expressions see, and that may have to be read from elsewhere first. */
export interface OutputHolder {
  output: JsonValue;
}

/** What an iteration came to: the outputs of its leaves as D9 joins them, or its error. */
export type IterationResult =
  | { readonly leaves: readonly (readonly [stepId: string, ScopeStep])[]; readonly isSingle: boolean }
  | { readonly error: ExecutionError };

export interface Loop {
  readonly plan: LoopPlan;
  /** The list of a map, unless it is a range. */
  readonly items: OutputHolder;
  /** Iterations begun, or of a map in child executions the parts that have ended. */
  next: number;
  readonly frames: Map<number, Frame>;
  /** By iteration. Of a map in child executions by part: the list of its results, or its error. */
  readonly results: (IterationResult | undefined)[];
  ended: number;
  /** The first failed iteration of a map that fails with it. */
  failure: ExecutionError | null;
}

/** The run of the workflow's `on_failure`. */
export interface Handler {
  readonly frame: Frame;
  readonly status: 'failed' | 'timed_out';
  readonly error: ExecutionError;
  readonly startedAt: EpochMs;
}

/**
 * An execution as its log tells it, and what may happen next. Only `fold`, `provideOutput` and `markInterrupted`
 * change it. The sets hold steps of all frames and keep the order in which they came, which makes decisions repeatable.
 */
export interface ExecutionState {
  readonly plan: Plan;
  readonly context: ExecutionContext;
  readonly root: Frame;
  status: ExecutionStatus;
  lastSeq: number;
  /** The latest time an event brought. */
  clock: EpochMs;
  /** Of the first `started`, later by as long as it was paused; null before it. */
  startedAt: EpochMs | null;
  /** When it was paused; null unless it is. */
  pausedAt: EpochMs | null;
  /** Inputs that whoever submitted it edited, by step. */
  inputs: JsonObject;
  completedCount: number;
  /** Iterations begun, of all bodies. */
  iterations: number;
  usage: Usage;
  /** Steps to start now. */
  readonly ready: Set<StepState>;
  /** Steps whose next event needs no work: skipped, pinned, failed by their join, of unknown outcome, all iterations done. */
  readonly facts: Set<StepState>;
  /** Steps whose attempt is running under this worker. */
  readonly running: Set<StepState>;
  /** Steps to which something happens at a time: sleeping, retrying, or with a limit on their waiting. */
  readonly timers: Set<StepState>;
  /** Steps that wait for something outside, child executions of a map among them. */
  readonly waits: Set<StepState>;
  /** Steps that are given up and have no final outcome. */
  readonly losers: Set<StepState>;
  /** The first failure that ends the execution. */
  failure: ExecutionError | null;
  handler: Handler | null;
  /** Values that are stored elsewhere and have not been provided. */
  readonly unresolvedOutputs: Map<OutputHolder, BlobReference>;
}

import type {
  BlobReference,
  ExecutionError,
  ExecutionStatus,
  JsonValue,
  OnError,
  StepStatus,
  StepSummary,
  Usage,
  Wait,
} from '@millrace/contracts';
import type { Structure } from './structure';

/** One try of a step. Times are milliseconds since 1970 by the server's clock. */
export interface AttemptView {
  readonly number: number;
  readonly startedAtMs: number;
  /** Null while it goes on. */
  readonly endedAtMs: number | null;
  /** What it does or did most: a wait and a sleep need nobody. */
  readonly activity: 'running' | 'waiting' | 'sleeping';
  /** When it began to wait for somebody, where it did not at once. */
  readonly askedAtMs: number | null;
  readonly outcome: 'completed' | 'failed' | 'skipped' | 'discarded' | null;
  readonly error: ExecutionError | null;
  /** When the next one is due, where one follows. */
  readonly retryAtMs: number | null;
}

export interface IterationsView {
  /** The number of the first: above 0 in an execution that has a part of the items of a map. */
  readonly first: number;
  /** They are in child executions, so many in each; null where they are in this one. */
  readonly partSize: number | null;
  readonly total: number | null;
  readonly begun: number;
  readonly ended: number;
  readonly failed: number;
}

/** A step of the workflow, or of one iteration of a body. */
export interface StepView {
  readonly key: string;
  readonly stepId: string;
  readonly iteration: string | null;
  readonly name: string;
  readonly kind: string;
  readonly status: StepStatus;
  readonly attempts: number;
  /** Of the first attempt. */
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly durationMs: number | null;
  readonly error: ExecutionError | null;
  /** What its failure did: end the execution or iteration, go on, or leave by the edge `error`. */
  readonly handling: OnError | null;
  readonly usage: Usage | null;
  readonly retryAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly wait: Wait | null;
  readonly waitingSinceMs: number | null;
  readonly branch: string | null;
  readonly skipReason: string | null;
  /** The execution that its output was taken over from. */
  readonly reusedFrom: string | null;
  readonly input: JsonValue | undefined;
  readonly output: JsonValue | undefined;
  readonly outputRef: BlobReference | null;
  readonly history: readonly AttemptView[];
  readonly iterations: IterationsView | null;
}

/** A stretch of time in which an execution had one status; the last one is open. */
export interface Phase {
  readonly status: ExecutionStatus;
  readonly fromMs: number;
  /** A worker took it over in it: nothing else changed. */
  readonly isTakeover: boolean;
}

/** What the log of an execution tells, up to `seq`. */
export interface ExecutionView {
  readonly seq: number;
  readonly status: ExecutionStatus;
  /** Of the latest event; null before the first. */
  readonly atMs: number | null;
  readonly error: ExecutionError | null;
  /** It fails, and `on_failure` runs before it ends. */
  readonly isFailing: boolean;
  readonly cancelledBy: string | null;
  readonly pausedBy: string | null;
  /** Steps of a cancelled execution whose effect may or may not have happened. */
  readonly uncertainSteps: readonly string[];
  readonly wakeAtMs: number | null;
  readonly phases: readonly Phase[];
  /** By `stepKey`; those of the workflow first and in its order, those of iterations as they come. */
  readonly steps: ReadonlyMap<string, StepView>;
  readonly structure: Structure;
}

export const stepKey = (stepId: string, iteration?: string | null): string =>
  iteration === undefined || iteration === null ? stepId : `${stepId}@${iteration}`;

export function pendingStep(place: Pick<StepView, 'stepId' | 'iteration' | 'name' | 'kind'>): StepView {
  return {
    ...place,
    key: stepKey(place.stepId, place.iteration),
    status: 'pending',
    attempts: 0,
    ...{ startedAtMs: null, completedAtMs: null, durationMs: null },
    ...{
      error: null,
      handling: null,
      usage: null,
      retryAtMs: null,
      dueAtMs: null,
      wait: null,
      waitingSinceMs: null,
    },
    ...{ branch: null, skipReason: null, reusedFrom: null },
    ...{ input: undefined, output: undefined, outputRef: null },
    history: [],
    iterations: null,
  };
}

/** Before the first event. `steps` are those the execution has at its top level, as its summary lists them. */
export function emptyView(
  steps: readonly Pick<StepSummary, 'step_id' | 'step_name' | 'kind' | 'iteration'>[],
  structure: Structure,
): ExecutionView {
  const pending = steps.map(({ step_id: stepId, step_name: name, kind, iteration = null }) =>
    pendingStep({ stepId, iteration, name, kind }),
  );
  return {
    seq: 0,
    status: 'queued',
    atMs: null,
    error: null,
    isFailing: false,
    cancelledBy: null,
    pausedBy: null,
    uncertainSteps: [],
    wakeAtMs: null,
    phases: [],
    steps: new Map(pending.map((step) => [step.key, step])),
    structure,
  };
}

export const isUnderWay = ({ status }: Pick<StepView, 'status'>): boolean =>
  status === 'running' || status === 'waiting' || status === 'sleeping' || status === 'retrying';

export const isSettled = (step: Pick<StepView, 'status'>): boolean =>
  step.status !== 'pending' && !isUnderWay(step);

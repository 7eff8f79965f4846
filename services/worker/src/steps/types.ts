import type {
  ExecutionError,
  JsonObject,
  JsonPieces,
  JsonValue,
  LogLine,
  LoopPlan,
  Usage,
  Wait,
} from '@millrace/contracts';
import type { Evaluated, PlanStep, Scope } from '@millrace/engine';
import type { SharedBudget } from '@millrace/outbound';

/**
 * The way from placeholders to values and back. Configuration and input hold placeholders where a template says
 * `secret("name")`; both functions go through strings at any depth, keys of objects included, and leave the argument as it is.
 */
export interface StepSecrets {
  /** Placeholders become values. Call it at the last moment, and keep the result out of outputs, errors and logs. */
  reveal<T extends JsonValue>(value: T): T;
  /** Placeholders and values, also in the common encodings, become `[secret:name]`. */
  redact<T extends JsonValue>(value: T): T;
}

/** What an expression yielded, with the text that a large value was parsed from. */
export type WithText = Evaluated & { readonly json?: JsonPieces };

/** All that a step may see and do. Configuration and input are resolved: no expression is left in them. */
export interface StepContext {
  readonly step: PlanStep;
  readonly attempt: number;
  /** The iterations that a step of a body is in; null at the top of the workflow. */
  readonly iteration: string | null;
  readonly config: JsonObject;
  readonly input: JsonValue;
  readonly scope: Scope;
  /** The same in every attempt of this step, also in retries of the execution: what a target may deduplicate by. */
  readonly idempotencyKey: string;
  /** Fires when the step has to stop: cancelled, timed out, loser of a join, or its worker lost the claim. */
  readonly signal: AbortSignal;
  /** `$now()` and `$random()`, fixed for the step. */
  readonly now: number;
  readonly random: () => number;
  /** Of this attempt. Where the step names no secret, both functions answer their argument. */
  readonly secrets: StepSecrets;
  /** From which calls of models are paid; undefined is unlimited. */
  readonly budget?: SharedBudget;
  /** Evaluates JSONata; anything that may block runs in a process that can be ended. */
  evaluate(expression: string, scope: object): Promise<WithText> | WithText;
  /** A line of the step's log: stored, bounded, and sent to whoever watches. */
  log(level: LogLine['level'], message: string): void;
  /** 0 to 100. Watchers see it; it is not kept. */
  progress(percent: number, message?: string): void;
  /** A piece of streamed text, and whose it is. Watchers see it; it is not kept. */
  token(text: string, source?: JsonObject): void;
}

/** Outcomes are values. An exception out of a step is a defect of Millrace, and is recorded as one. */
export type StepOutcome =
  | {
      readonly ok: true;
      readonly output: JsonValue;
      /** The text that `output` was parsed from, where the step has it: of a large one. */
      readonly json?: JsonPieces;
      readonly branch?: string;
      readonly usage?: Usage;
    }
  | { readonly ok: false; readonly error: ExecutionError; readonly usage?: Usage };

export interface StepImplementation {
  run(context: StepContext): StepOutcome | Promise<StepOutcome>;
}

/** A kind that sleeps instead of running: the slot is free until `dueAt`, milliseconds since 1970. */
export interface SleepImplementation {
  dueAt(context: Pick<StepContext, 'config' | 'now'>): Evaluated<number>;
}

/** A kind that waits for something outside: the slot is free until an answer comes, or `dueAt`. */
export interface WaitImplementation {
  prepare(context: Pick<StepContext, 'config' | 'now'>): Evaluated<{ wait: Wait; dueAt?: number }>;
}

export interface LoopLimits {
  /** Of one map. */
  readonly maxItems: number;
  /** Items that an execution runs itself, and those of one child execution where there are more. */
  readonly partSize: number;
  /** Of all maps of one execution's log; what goes beyond runs in child executions. */
  readonly iterationsLeft: number;
}

/** A kind with a body: says which iterations there are; the engine goes through them. */
export interface LoopImplementation {
  plan(context: Pick<StepContext, 'config'> & { readonly limits: LoopLimits }): Evaluated<LoopPlan>;
}

/** Of a configuration whose expressions yielded something else than the kind takes. */
export function invalidConfiguration({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): ExecutionError {
  const message = issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; ');
  return { code: 'configuration_invalid', message, fault: 'workflow', retryable: false };
}

export function stepFailed(error: ExecutionError): StepOutcome {
  return { ok: false, error };
}

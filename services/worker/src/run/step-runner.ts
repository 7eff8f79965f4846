import { isJsonObject, type JsonValue, type NewEvent } from '@millrace/contracts';
import {
  canStart,
  type Evaluated,
  type Outcome,
  type PlanStep,
  provideOutput,
  type ResolvedStep,
  settle,
  stepStarted,
} from '@millrace/engine';
import type { Claim, StoredOutput, WorkerDoor } from '@millrace/runtime';
import type { StepImplementations } from '../steps/index.js';
import type { SleepImplementation, StepImplementation, StepOutcome } from '../steps/types.js';
import {
  abortError,
  Attempt,
  type AttemptTools,
  idempotencyKey,
  recordable,
  resolveAttempt,
  runAttempt,
} from './attempt.js';
import type { Clock } from './clock.js';
import type { ExecutionLog } from './execution-log.js';

export interface StepRunnerOptions extends AttemptTools {
  door: Pick<WorkerDoor, 'storeOutput' | 'readSecrets'>;
  steps: StepImplementations;
  /** Fires when the claim is lost. */
  fence: AbortSignal;
  /** Something changed: a step settled, or `failure` is set. */
  onChange(): void;
}

/** Below so many UTF-16 units an output is inline for certain, so a pure step need not ask the store. */
const SURELY_INLINE = 16_384;
/** Resolved inputs are recorded up to this size: they are for people to look at. */
const MAX_SHOWN_INPUT = 32_768;

/** Starts the attempts of one execution and records what becomes of them in its log. */
export class StepRunner {
  readonly #claim: Claim;
  readonly #log: ExecutionLog;
  readonly #clock: Clock;
  readonly #options: StepRunnerOptions;
  readonly #running = new Map<number, AbortController>();
  /** What no step is to blame for: the log could not be written, or Millrace has a defect. The run ends with it. */
  failure: Error | undefined;

  constructor(claim: Claim, log: ExecutionLog, clock: Clock, options: StepRunnerOptions) {
    this.#claim = claim;
    this.#log = log;
    this.#clock = clock;
    this.#options = options;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  abort(stepIndex: number): void {
    this.#running.get(stepIndex)?.abort();
  }

  abortAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /**
   * Records the start and runs the step. Pure steps whose expressions cannot block are settled on return. Only
   * sleeping kinds answer a promise: when they are due must be known before their start is recorded.
   */
  start(step: PlanStep, number: number): Promise<void> | undefined {
    const attempt = new Attempt(this.#claim.executionId, step, number, this.#clock.now());
    const implementation = this.#options.steps[step.kind];
    const resolving = resolveAttempt(this.#claim, attempt, this.#options);
    if (implementation.does === 'sleep') {
      if (resolving instanceof Promise) {
        return resolving.then((resolved) => {
          // Meanwhile a join may have given the step up, or another step have ended the execution.
          if (canStart(this.#claim.state, step, number)) this.#sleep(attempt, resolved, implementation);
        });
      }
      this.#sleep(attempt, resolving, implementation);
    } else if (resolving instanceof Promise || step.purity === 'effectful') {
      this.#startLater(attempt, resolving, implementation);
    } else {
      this.#startNow(attempt, resolving, implementation);
    }
    return undefined;
  }

  #sleep(attempt: Attempt, resolved: Evaluated<ResolvedStep>, implementation: SleepImplementation): void {
    const { step, number, now } = attempt;
    const due = resolved.ok ? implementation.dueAt({ config: resolved.value.config, now }) : resolved;
    this.#log.add(
      stepStarted(this.#claim.state, step, { attempt: number, ...(due.ok && { dueAt: due.value }) }),
    );
    if (!due.ok) this.#settle(attempt, due, 0);
  }

  #startNow(attempt: Attempt, resolved: Evaluated<ResolvedStep>, implementation: StepImplementation): void {
    this.#log.add(this.#startedEvent(attempt, resolved));
    if (!resolved.ok) {
      this.#settle(attempt, resolved, 0);
      return;
    }
    const startedAt = performance.now();
    const outcome = runAttempt(this.#claim, attempt, resolved.value, implementation, this.#options);
    if (outcome instanceof Promise) {
      this.#track(attempt, outcome, startedAt);
      return;
    }
    const durationMs = performance.now() - startedAt;
    if (!outcome.ok) {
      this.#settle(attempt, outcome, durationMs);
      return;
    }
    const json = JSON.stringify(outcome.output);
    if (json.length < SURELY_INLINE) this.#settleStored(attempt, outcome, outcome, json.length, durationMs);
    else this.#track(attempt, Promise.resolve(outcome), startedAt);
  }

  /** Effectful steps begin when their own `step_started`, and everything before it, is committed. */
  #startLater(
    attempt: Attempt,
    resolving: Evaluated<ResolvedStep> | Promise<Evaluated<ResolvedStep>>,
    implementation: StepImplementation,
  ): void {
    this.#log.add(this.#startedEvent(attempt, resolving instanceof Promise ? undefined : resolving));
    const run = async (): Promise<StepOutcome> => {
      const resolved = await resolving;
      if (!resolved.ok) return resolved;
      if (attempt.step.purity === 'effectful') await this.#log.flush();
      // Whoever aborted it meanwhile must be able to say that it never ran.
      if (attempt.controller.signal.aborted) return { ok: false, error: abortError() };
      return runAttempt(this.#claim, attempt, resolved.value, implementation, this.#options);
    };
    this.#track(attempt, run(), performance.now());
  }

  #startedEvent(attempt: Attempt, resolved: Evaluated<ResolvedStep> | undefined): NewEvent {
    const { step, number } = attempt;
    // The default input of a pure step can be computed from the log; what leaves the platform is recorded.
    const isShown = step.purity === 'effectful' && resolved?.ok === true;
    return stepStarted(this.#claim.state, step, {
      attempt: number,
      ...(isShown && { input: shownInput(step, recordable(attempt, resolved.value)) }),
      ...(step.purity === 'effectful' && { idempotencyKey: idempotencyKey(this.#claim.rootId, step.id) }),
    });
  }

  #track(attempt: Attempt, running: Promise<StepOutcome>, startedAt: number): void {
    this.#running.set(attempt.step.index, attempt.controller);
    running
      .then((outcome) => this.#record(attempt, outcome, performance.now() - startedAt))
      .catch((error: unknown) => {
        this.failure ??= toError(error);
      })
      .finally(() => {
        const { index } = attempt.step;
        if (this.#running.get(index) === attempt.controller) this.#running.delete(index);
        this.#options.onChange();
      });
  }

  async #record(attempt: Attempt, outcome: StepOutcome, durationMs: number): Promise<void> {
    // Whoever aborted an attempt records what becomes of it.
    if (!outcome.ok && attempt.controller.signal.aborted && outcome.error.code === 'aborted') return;
    if (!outcome.ok) {
      this.#settle(attempt, outcome, durationMs);
      return;
    }
    const json = JSON.stringify(outcome.output);
    const { door, fence } = this.#options;
    const stored = await door.storeOutput(this.#claim.executionId, outcome.output, json, fence);
    this.#settleStored(attempt, outcome, stored, json.length, durationMs);
  }

  #settleStored(
    attempt: Attempt,
    { output, branch }: Extract<StepOutcome, { ok: true }>,
    stored: StoredOutput,
    size: number,
    durationMs: number,
  ): void {
    const isInline = 'output' in stored;
    const outcome: Outcome = isInline
      ? { ok: true, output: stored.output, branch }
      : { ok: true, outputRef: stored.output_ref, branch };
    this.#log.countBytes(isInline ? size : 0);
    const isRecorded = this.#settle(attempt, outcome, durationMs);
    if (isRecorded && !isInline) provideOutput(this.#claim.state, attempt.step.id, output);
  }

  /** False when the attempt is not wanted any more and nothing was recorded. */
  #settle({ step, number }: Attempt, outcome: Outcome, durationMs: number): boolean {
    const event = settle(this.#claim.state, step, number, outcome, {
      now: this.#clock.now(),
      random: Math.random,
      durationMs: Math.round(durationMs * 1_000) / 1_000,
    });
    if (event === null) return false;
    this.#log.add(event);
    return true;
  }
}

export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** What an effectful step was given: its configuration, and the input where the author wrote one. */
function shownInput(step: PlanStep, { config, input }: ResolvedStep): JsonValue | undefined {
  const shown = step.kind === 'agent' ? input : step.input === undefined ? config : { config, input };
  const isSmall = JSON.stringify(shown).length <= MAX_SHOWN_INPUT;
  if (isSmall) return shown;
  return isJsonObject(shown)
    ? { truncated: true, keys: Object.keys(shown).slice(0, 100) }
    : { truncated: true };
}

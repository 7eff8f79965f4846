import {
  type ExecutionError,
  isJsonObject,
  isSmallJson,
  type JsonValue,
  type LoopPlan,
  type NewEvent,
  textLength,
} from '@millrace/contracts';
import {
  canCollect,
  canStart,
  type Evaluated,
  type Outcome,
  outputHolder,
  type PlanStep,
  provideOutput,
  type ResolvedStep,
  settle,
  stepStarted,
  type StepState,
} from '@millrace/engine';
import type { Claim, StoredOutput, WorkerDoor } from '@millrace/runtime';
import type { AnyStepImplementation, StepImplementations } from '../steps/index.js';
import type { LoopLimits, StepImplementation } from '../steps/types.js';
import { Attempt, type AttemptTools } from './attempt.js';
import { recordable, resolveAttempt } from './resolve-attempt.js';
import { abortError, runAttempt, type StoredOutcome } from './run-attempt.js';
import { toJsonText, toStorable } from './storable.js';
import { idempotencyKey } from './step-context.js';
import type { Clock } from './clock.js';
import type { ExecutionLog } from './execution-log.js';

export interface StepRunnerOptions extends AttemptTools {
  door: Pick<WorkerDoor, 'storeOutput'> & AttemptTools['door'];
  steps: StepImplementations;
  /** Fires when the claim is lost. */
  fence: AbortSignal;
  loops: { maxItems: number; partSize: number; maxIterations: number };
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
  readonly #running = new Map<StepState, AbortController>();
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

  abort(step: StepState): void {
    this.#running.get(step)?.abort();
  }

  abortAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /**
   * Records the start and runs the step. Pure steps whose expressions cannot block are settled on return. Only kinds
   * that sleep, wait or iterate answer a promise: what they do must be known before their start is recorded.
   */
  start(current: StepState, number: number): Promise<void> | undefined {
    // What was decided together is started one by one, and one that settles at once may end what the others are for.
    if (!canStart(this.#claim.state, current, number)) return undefined;
    const { step } = current;
    const attempt = new Attempt(this.#claim.executionId, current, number, this.#clock.now());
    const implementation = this.#options.steps[step.kind];
    const resolving = this.#resolve(attempt);
    if (implementation.does !== 'run') {
      if (resolving instanceof Promise) {
        return resolving.then((resolved) => this.#enter(attempt, resolved, implementation));
      }
      return this.#enter(attempt, resolving, implementation);
    }
    if (resolving instanceof Promise || step.purity === 'effectful') {
      this.#startLater(attempt, resolving, implementation);
    } else {
      this.#startNow(attempt, resolving, implementation);
    }
    return undefined;
  }

  /** Records what is the engine's to go on with. Meanwhile a join may have given the step up, or the execution have ended. */
  #enter(
    attempt: Attempt,
    resolved: Evaluated<ResolvedStep>,
    implementation: Exclude<AnyStepImplementation, { does: 'run' }>,
  ): Promise<void> | undefined {
    const { current, number, now } = attempt;
    const { state } = this.#claim;
    if (!canStart(state, current, number)) return undefined;
    const refuse = (error: ExecutionError): undefined => {
      this.#log.add(stepStarted(state, current, { attempt: number }));
      this.#settle(current, number, { ok: false, error }, 0);
    };
    if (!resolved.ok) return refuse(resolved.error);
    const { config } = resolved.value;
    switch (implementation.does) {
      case 'sleep': {
        const due = implementation.dueAt({ config, now });
        if (!due.ok) return refuse(due.error);
        this.#log.add(stepStarted(state, current, { attempt: number, dueAt: due.value }));
        return undefined;
      }
      case 'wait': {
        const prepared = implementation.prepare({ config, now });
        if (!prepared.ok) return refuse(prepared.error);
        this.#log.add(stepStarted(state, current, { attempt: number, ...prepared.value }));
        return undefined;
      }
      case 'loop': {
        const plan = this.#partOf(current) ?? implementation.plan({ config, limits: this.#loopLimits() });
        if (!plan.ok) return refuse(plan.error);
        return this.#startLoop(attempt, plan.value);
      }
    }
  }

  /** A child execution that runs a part of a map has its items from its parent. */
  #partOf({ step, frame }: StepState): Evaluated<LoopPlan> | undefined {
    const { part, state } = this.#claim;
    const isIt = part !== null && frame === state.root && step.id === part.stepId;
    return isIt ? { ok: true, value: part.loop } : undefined;
  }

  #loopLimits(): LoopLimits {
    const { maxItems, partSize, maxIterations } = this.#options.loops;
    return { maxItems, partSize, iterationsLeft: Math.max(0, maxIterations - this.#claim.state.iterations) };
  }

  /** A long list is stored beside the log, and read from there after a crash. */
  #startLoop({ current, number }: Attempt, plan: LoopPlan): Promise<void> | undefined {
    const { state, executionId } = this.#claim;
    const { items, ...rest } = plan;
    const isSmall = items === undefined || isSmallJson(items);
    const json = items === undefined || !isSmall ? '' : JSON.stringify(items);
    if (items === undefined || (isSmall && json.length < SURELY_INLINE)) {
      this.#log.add(stepStarted(state, current, { attempt: number, loop: plan }));
      this.#log.countBytes(json.length);
      return undefined;
    }
    return (async () => {
      const { door, fence } = this.#options;
      const pieces = isSmall ? [json] : await toJsonText(items);
      const stored = await door.storeOutput(executionId, items, pieces, fence);
      if (!canStart(state, current, number)) return;
      const loop = 'output' in stored ? plan : { ...rest, items_ref: stored.output_ref };
      this.#log.add(stepStarted(state, current, { attempt: number, loop }));
      if (current.loop !== null && !('output' in stored)) provideOutput(state, current.loop.items, items);
    })();
  }

  /** Records an output that the engine has put together. */
  async collect(current: StepState, output: JsonValue, durationMs: number): Promise<void> {
    const { state, executionId } = this.#claim;
    const { attempt } = current;
    const outcome = await toStorable(output);
    if (!outcome.ok) {
      if (canCollect(state, current)) this.settle(current, attempt, outcome);
      return;
    }
    const { value, json } = outcome;
    const { door, fence } = this.#options;
    const stored = await door.storeOutput(executionId, value, json, fence);
    if (!canCollect(state, current)) return;
    this.#settleStored(current, attempt, { output: value }, stored, textLength(json), durationMs);
  }

  /** Records what became of a step that was waiting. */
  settle(current: StepState, attempt: number, outcome: Outcome): void {
    const durationMs = Math.max(0, this.#clock.now() - current.startedAt);
    this.#settle(current, attempt, outcome, durationMs);
  }

  #resolve(attempt: Attempt): Evaluated<ResolvedStep> | Promise<Evaluated<ResolvedStep>> {
    return resolveAttempt(this.#claim, attempt, this.#options);
  }

  #startNow(attempt: Attempt, resolved: Evaluated<ResolvedStep>, implementation: StepImplementation): void {
    const { current, number } = attempt;
    this.#log.add(this.#startedEvent(attempt, resolved));
    if (!resolved.ok) {
      this.#settle(current, number, resolved, 0);
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
      this.#settle(current, number, outcome, durationMs);
      return;
    }
    const length = textLength(outcome.json);
    if (length < SURELY_INLINE) this.#settleStored(current, number, outcome, outcome, length, durationMs);
    else this.#track(attempt, Promise.resolve(outcome), startedAt);
  }

  /** Effectful steps begin when their own `step_started`, and everything before it, is committed. */
  #startLater(
    attempt: Attempt,
    resolving: Evaluated<ResolvedStep> | Promise<Evaluated<ResolvedStep>>,
    implementation: StepImplementation,
  ): void {
    this.#log.add(this.#startedEvent(attempt, resolving instanceof Promise ? undefined : resolving));
    const run = async (): Promise<StoredOutcome> => {
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
    const { step, current, number } = attempt;
    // The default input of a pure step can be computed from the log; what leaves the platform is recorded.
    const isShown = step.purity === 'effectful' && resolved?.ok === true;
    return stepStarted(this.#claim.state, current, {
      attempt: number,
      ...(isShown && { input: shownInput(step, recordable(attempt, resolved.value)) }),
      ...(step.purity === 'effectful' && { idempotencyKey: idempotencyKey(this.#claim.rootId, current) }),
    });
  }

  #track(attempt: Attempt, running: Promise<StoredOutcome>, startedAt: number): void {
    const { current, controller } = attempt;
    this.#running.set(current, controller);
    running
      .then((outcome) => this.#record(attempt, outcome, performance.now() - startedAt))
      .catch((error: unknown) => {
        this.failure ??= toError(error);
      })
      .finally(() => {
        if (this.#running.get(current) === controller) this.#running.delete(current);
        this.#options.onChange();
      });
  }

  async #record(attempt: Attempt, outcome: StoredOutcome, durationMs: number): Promise<void> {
    // Whoever aborted an attempt records what becomes of it.
    if (!outcome.ok && attempt.controller.signal.aborted && outcome.error.code === 'aborted') return;
    const { current, number } = attempt;
    if (!outcome.ok) {
      this.#settle(current, number, outcome, durationMs);
      return;
    }
    const { output, json } = outcome;
    const { door, fence } = this.#options;
    const stored = await door.storeOutput(this.#claim.executionId, output, json, fence);
    this.#settleStored(current, number, outcome, stored, textLength(json), durationMs);
  }

  #settleStored(
    current: StepState,
    attempt: number,
    { output, branch, usage }: Pick<Extract<StoredOutcome, { ok: true }>, 'output' | 'branch' | 'usage'>,
    stored: StoredOutput,
    size: number,
    durationMs: number,
  ): void {
    const isInline = 'output' in stored;
    const outcome: Outcome = isInline
      ? { ok: true, output: stored.output, branch, usage }
      : { ok: true, outputRef: stored.output_ref, branch, usage };
    this.#log.countBytes(isInline ? size : 0);
    const isRecorded = this.#settle(current, attempt, outcome, durationMs);
    const holder = outputHolder(current);
    if (isRecorded && !isInline && holder !== undefined) provideOutput(this.#claim.state, holder, output);
  }

  /** False when the attempt is not wanted any more and nothing was recorded. */
  #settle(current: StepState, attempt: number, outcome: Outcome, durationMs: number): boolean {
    const event = settle(this.#claim.state, current, attempt, outcome, {
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
  const isSmall = isSmallJson(shown) && JSON.stringify(shown).length <= MAX_SHOWN_INPUT;
  if (isSmall) return shown;
  return isJsonObject(shown)
    ? { truncated: true, keys: Object.keys(shown).slice(0, 100) }
    : { truncated: true };
}

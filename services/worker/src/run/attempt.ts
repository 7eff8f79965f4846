import { createHash } from 'node:crypto';
import { descriptorOf } from '@millrace/contracts';
import type { PlanStep, StepState } from '@millrace/engine';
import type { WorkerDoor } from '@millrace/runtime';
import type { Evaluator } from '../expressions/evaluator.js';
import { Placeholders } from '../secrets/placeholders.js';
import type { Telemetry } from '../telemetry.js';

export interface AttemptTools {
  evaluator: Evaluator;
  telemetry: Telemetry;
  door: Pick<WorkerDoor, 'readSecrets' | 'budgetLeft' | 'spendBudget'>;
}

/** One try of one step, and the means to stop it. What most steps never ask for is made when they do. */
export class Attempt {
  readonly controller = new AbortController();
  readonly step: PlanStep;
  readonly #executionId: string;
  #seed: number | undefined;
  #placeholders: Placeholders | undefined;

  constructor(
    executionId: string,
    readonly current: StepState,
    readonly number: number,
    /** What `$now()` answers, milliseconds since 1970. */
    readonly now: number,
  ) {
    this.#executionId = executionId;
    this.step = current.step;
  }

  /** What stands for the secrets that the step names; undefined for kinds that may name none. */
  get placeholders(): Placeholders | undefined {
    if (descriptorOf(this.step.kind).allowsSecrets === true) this.#placeholders ??= new Placeholders();
    return this.#placeholders;
  }

  /** Of `$random()`, from 0 to below 1: shared by every attempt of a step, so that a repeated pure step draws the same numbers. */
  get seed(): number {
    this.#seed ??= seedOf(this.#executionId, this.step.id, this.current.frame.iteration);
    return this.#seed;
  }
}

function seedOf(executionId: string, stepId: string, iteration: string | null): number {
  const place = iteration === null ? stepId : `${stepId}/${iteration}`;
  const digest = createHash('sha256').update(`${executionId}/${place}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

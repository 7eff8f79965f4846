import type { IterationSummary, LogEvent, StepSummary } from '@millrace/contracts';
import {
  type ExecutionState,
  findStep,
  type Frame,
  isInParts,
  type Loop,
  partSize,
  type StepState,
} from '@millrace/engine';
import type { Onlooker } from './replay.js';

/** A step with a body, and the iterations it is in itself. */
export interface Owner {
  stepId: string;
  iteration: string | undefined;
}

/** Follows the loop of one step. Nothing is told of a step that never began one. */
export abstract class LoopWatch implements Onlooker {
  readonly #owner: Owner;
  #step: StepState | undefined;
  protected loop: Loop | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  after(state: ExecutionState, event: LogEvent): void {
    if (!('step_id' in event.data)) return;
    const { stepId, iteration } = this.#owner;
    if (event.type === 'step_started' && event.data.step_id === stepId) {
      this.#step ??= findStep(state, stepId, iteration);
    }
    this.loop ??= this.#step?.loop ?? undefined;
    // Once the step is settled its state has no loop any more.
    if (this.loop) this.look(this.loop, this.#step?.loop === null, event.timestamp);
  }

  /** Its iterations are in child executions. */
  get isInParts(): boolean {
    return this.loop !== undefined && isInParts(this.loop);
  }

  protected abstract look(loop: Loop, isOver: boolean, at: string): void;
}

/** The frame of one iteration, which is dropped from the state when it ends. */
export class FrameWatch extends LoopWatch {
  readonly #index: number;
  frame: Frame | undefined;

  constructor(owner: Owner, index: number) {
    super(owner);
    this.#index = index;
  }

  protected look(loop: Loop): void {
    this.frame ??= loop.frames.get(this.#index);
  }
}

/** When each iteration of a step began and how it ended, in their order. */
export class IterationsWatch extends LoopWatch {
  readonly #open = new Map<number, Frame>();
  readonly #found: IterationSummary[] = [];
  #ended = 0;

  protected look(loop: Loop, isOver: boolean, at: string): void {
    if (isInParts(loop)) return;
    const offset = loop.plan.offset ?? 0;
    while (this.#found.length < loop.next) {
      const frame = loop.frames.get(offset + this.#found.length);
      if (frame) this.#open.set(this.#found.length, frame);
      this.#found.push({
        iteration: frame?.iteration ?? '',
        status: 'running',
        started_at: at,
        completed_at: null,
        error: null,
      });
    }
    if (loop.ended === this.#ended && !isOver) return;
    this.#ended = loop.ended;
    for (const [place, frame] of this.#open) {
      if (isOver || loop.results[place] !== undefined) this.#end(place, frame, loop, at);
    }
  }

  #end(place: number, frame: Frame, loop: Loop, at: string): void {
    this.#open.delete(place);
    const summary = this.#found[place];
    if (summary === undefined) return;
    const result = loop.results[place];
    const failing = frame.steps.find(({ status, handling }) => status === 'failed' && handling === 'fail');
    summary.completed_at = at;
    if (result !== undefined && !('error' in result)) summary.status = 'completed';
    else if (failing === undefined) summary.status = 'discarded';
    else {
      summary.status = 'failed';
      summary.error = failing.error;
    }
  }

  /** Those behind a place, and whether there are more. */
  page(from: number, limit: number): { items: IterationSummary[]; next: number | undefined } {
    const next = from + limit;
    return {
      items: this.#found.slice(from, next),
      next: next < this.#found.length ? next : undefined,
    };
  }
}

/** Of a map in parts those of whole parts; `begunParts` are those whose child execution was started. */
export function countIterations(
  loop: Loop,
  begunParts: Iterable<number>,
): NonNullable<StepSummary['iterations']> {
  const { plan, results, failure } = loop;
  const size = (place: number): number => (isInParts(loop) ? partSize(loop, place) : 1);
  const begun = new Set(begunParts);
  let ended = 0;
  let failed = 0;
  results.forEach((result, place) => {
    if (result === undefined) return;
    begun.add(place);
    ended += size(place);
    if (!('error' in result)) return;
    // Those that were given up because of one share its error.
    if (result.error !== failure || failed === 0) failed += size(place);
  });
  const ofParts = [...begun].reduce((sofar, part) => sofar + size(part), 0);
  // A repeat keeps the results of its last iterations only, and counts all of them.
  return isInParts(loop)
    ? { total: plan.count ?? null, begun: ofParts, ended, failed }
    : { total: plan.count ?? null, begun: loop.next, ended: loop.ended, failed };
}

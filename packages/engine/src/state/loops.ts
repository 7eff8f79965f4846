/** How a `map` and a `repeat` go through their iterations (rules L1 to L9). */
import type { EventData, ExecutionError, JsonValue, LoopPlan } from '@millrace/contracts';
import { recordJson } from '../expressions/json.js';
import { stepAt } from './access.js';
import { emptySteps } from './create.js';
import { frameOf, stopFrame, underWay } from './frames.js';
import { abandon, decideRoots } from './joins.js';
import { addUsage } from './usage.js';
import type { Scope } from '../expressions/scope.js';
import type {
  AbandonReason,
  ExecutionState,
  Frame,
  IterationResult,
  Loop,
  OutputHolder,
  StepState,
} from './state.js';

/** Child executions of one map at a time. Its `concurrency` is shared among them. */
const MAX_PARTS_AT_ONCE = 16;

export function beginLoop(state: ExecutionState, owner: StepState, plan: LoopPlan): void {
  const items: OutputHolder = { output: plan.items ?? null };
  if (plan.items_ref !== undefined) state.unresolvedOutputs.set(items, plan.items_ref);
  owner.loop = { plan, items, next: 0, frames: new Map(), results: [], ended: 0, failure: null };
  goOn(state, owner, owner.loop);
}

/** The number of iterations of a map; a repeat knows its own only at the end. */
function countOf({ plan }: Loop): number {
  return plan.count ?? Infinity;
}

export function isInParts({ plan }: Loop): boolean {
  return plan.shard_size !== undefined;
}

export function partCount({ plan }: Loop): number {
  return Math.ceil((plan.count ?? 0) / (plan.shard_size ?? 1));
}

/** Begins what may begin; when nothing is left to, the owner's next event needs no work. */
function goOn(state: ExecutionState, owner: StepState, loop: Loop): void {
  if (owner.step.kind === 'repeat') {
    // Whether there is another iteration is `decide`'s to say; the first of an `until` needs no asking.
    if (loop.next === 0 && owner.step.config['while'] === undefined) beginIteration(state, owner, loop);
    else state.facts.add(owner);
    return;
  }
  if (isInParts(loop)) {
    if (loop.ended === partCount(loop)) state.facts.add(owner);
    else state.waits.add(owner);
    return;
  }
  while (loop.frames.size < loop.plan.concurrency && loop.next < countOf(loop)) {
    beginIteration(state, owner, loop);
  }
  if (loop.ended === countOf(loop)) state.facts.add(owner);
}

/** Also for `step_iterating`: the next iteration of a repeat. */
export function beginIteration(state: ExecutionState, owner: StepState, loop: Loop): void {
  const { body } = owner.step;
  if (body === null) return;
  const index = (loop.plan.offset ?? 0) + loop.next;
  const outer = owner.frame.iteration;
  const iteration = outer === null ? String(index) : `${outer}.${String(index)}`;
  const frame = frameOf(body, iterationScope(owner, loop, index), { owner, index, iteration });
  loop.next += 1;
  state.iterations += 1;
  loop.frames.set(index, frame);
  state.facts.delete(owner);
  decideRoots(state, frame);
}

/** Values that may have to be read from elsewhere first are looked up when an expression asks. */
function iterationScope(owner: StepState, loop: Loop, index: number): Scope {
  const outer = owner.frame.scope;
  const place = loop.next;
  const around = outer.index === undefined ? {} : { parent: enclosing(outer) };
  const base = { ...around, parameters: outer.parameters, steps: emptySteps(outer.steps) };
  if (owner.step.kind === 'repeat') {
    return {
      ...base,
      execution: outer.execution,
      index,
      get previous() {
        return resultAt(loop, place - 1);
      },
    };
  }
  return {
    ...base,
    execution: outer.execution,
    index,
    get item() {
      return itemAt(loop, place);
    },
  };
}

function enclosing(outer: Scope): NonNullable<Scope['parent']> {
  return {
    index: outer.index ?? 0,
    get item() {
      return outer.item ?? null;
    },
  };
}

export function itemAt({ plan, items }: Loop, place: number): JsonValue {
  if (plan.range !== undefined) return plan.range.start + plan.range.step * ((plan.offset ?? 0) + place);
  return (Array.isArray(items.output) ? items.output[place] : null) ?? null;
}

/** What an ended iteration yields; null before the first. */
export function resultAt(loop: Loop, place: number): JsonValue {
  const result = loop.results[place];
  if (result === undefined) return null;
  if ('error' in result) return { error: recordJson(result.error) };
  const [first] = result.leaves;
  if (result.isSingle) return first?.[1].output ?? null;
  return Object.fromEntries(result.leaves.map(([id, { output }]) => [id, output]));
}

/** Of a loop whose iterations have all ended. */
export function loopOutput({ step, loop }: StepState): JsonValue {
  if (loop === null) return null;
  if (step.kind === 'repeat') {
    return { iterations: loop.ended, output: resultAt(loop, loop.ended - 1) };
  }
  if (!isInParts(loop)) return Array.from({ length: loop.ended }, (_, place) => resultAt(loop, place));
  return Array.from({ length: partCount(loop) }, (_, part) => partOutput(loop, part)).flat();
}

/** The results of one part. Where the whole part was lost, each of its items has its error. */
function partOutput(loop: Loop, part: number): JsonValue[] {
  const value = resultAt(loop, part);
  if (Array.isArray(value)) return value;
  return Array.from({ length: partSize(loop, part) }, () => value);
}

export function partSize({ plan }: Loop, part: number): number {
  const size = plan.shard_size ?? 1;
  return Math.max(0, Math.min(size, (plan.count ?? 0) - part * size));
}

/** What the child execution with a part of a map goes through; the items have been provided. */
export function partItems(loop: Loop, part: number): Omit<LoopPlan, 'concurrency'> {
  const { plan, items } = loop;
  const from = part * (plan.shard_size ?? 1);
  const count = partSize(loop, part);
  const list = Array.isArray(items.output) ? items.output.slice(from, from + count) : [];
  return {
    count,
    offset: (plan.offset ?? 0) + from,
    ...(plan.range === undefined ? { items: list } : { range: plan.range }),
    ...(plan.on_item_error !== undefined && { on_item_error: plan.on_item_error }),
  };
}

/** Does a map in child executions wait for this part? */
export function isOpenPart(loop: Loop, part: number): boolean {
  return isInParts(loop) && part >= 0 && part < partCount(loop) && loop.results[part] === undefined;
}

/** The parts whose child executions should be under way, and the iterations at once of each. */
export function openParts(loop: Loop): { parts: number[]; concurrency: number } {
  const atOnce = Math.min(partCount(loop), loop.plan.concurrency, MAX_PARTS_AT_ONCE);
  const parts: number[] = [];
  for (let part = 0; part < partCount(loop) && parts.length < atOnce; part += 1) {
    if (loop.results[part] === undefined) parts.push(part);
  }
  return { parts, concurrency: Math.max(1, Math.floor(loop.plan.concurrency / Math.max(1, atOnce))) };
}

/** A step of a frame was settled: does that end the iteration? */
export function endIterationWhenDone(state: ExecutionState, frame: Frame): void {
  const isOver = frame.failure === null ? frame.settled.length === frame.steps.length : frame.begun === 0;
  const loop = frame.owner?.loop;
  if (!isOver || frame.owner === null || loop === null || loop === undefined) return;
  const place = frame.index - (loop.plan.offset ?? 0);
  const result = frame.failure === null ? resultOf(frame) : { error: frame.failure };
  loop.results[place] = result;
  loop.frames.delete(frame.index);
  letGoOfFrame(state, frame, result);
  // A repeat looks back at two of them: until is asked about the last, and sees the one before.
  if (frame.owner.step.kind === 'repeat' && place >= 2) {
    letGoOfResult(state, loop, place - 2);
    loop.results[place - 2] = undefined;
  }
  endOf(state, frame.owner, loop, frame.failure);
}

/** What nobody can see any more need not be read from where it is stored, nor kept. */
function letGoOfFrame(state: ExecutionState, { scope, steps }: Frame, kept?: IterationResult): void {
  if (state.unresolvedOutputs.size === 0) return;
  const leaves = kept === undefined || 'error' in kept ? [] : kept.leaves.map(([, holder]) => holder);
  for (const { step } of steps) {
    const holder = scope.steps[step.id];
    if (holder !== undefined && !leaves.includes(holder)) state.unresolvedOutputs.delete(holder);
  }
}

function letGoOfResult(state: ExecutionState, loop: Loop, place: number): void {
  const result = loop.results[place];
  if (result === undefined || 'error' in result) return;
  for (const [, holder] of result.leaves) state.unresolvedOutputs.delete(holder);
}

/** Its step is settled: what it came to is the step's own. */
export function letGoOfLoop(state: ExecutionState, loop: Loop): void {
  for (const frame of loop.frames.values()) {
    stopFrame(state, frame);
    letGoOfFrame(state, frame);
  }
  state.unresolvedOutputs.delete(loop.items);
  for (const place of loop.results.keys()) letGoOfResult(state, loop, place);
}

/** Of a map in child executions: one of them has ended. */
export function endPart(
  state: ExecutionState,
  owner: StepState,
  loop: Loop,
  data: EventData<'step_part_ended'>,
): void {
  if (data.error === undefined) {
    const holder = { output: data.output ?? null, status: 'completed' as const };
    if (data.output_ref !== undefined) state.unresolvedOutputs.set(holder, data.output_ref);
    loop.results[data.part] = { leaves: [['part', holder]], isSingle: true };
  } else {
    loop.results[data.part] = { error: data.error };
  }
  addUsage(state, data.usage);
  endOf(state, owner, loop, data.error ?? null);
}

function endOf(state: ExecutionState, owner: StepState, loop: Loop, failure: ExecutionError | null): void {
  loop.ended += 1;
  if (failure !== null && loop.plan.on_item_error !== 'collect') {
    if (loop.failure === null) {
      loop.failure = failure;
      for (const other of [...loop.frames.values()]) failFrame(state, other, failure, 'iteration_failed');
    }
  }
  if (owner.abandoned !== null) return;
  if (loop.failure === null) goOn(state, owner, loop);
  else if (loop.frames.size === 0) state.facts.add(owner);
}

/** Ends a frame with an error: nothing further starts, and what is under way is given up first. */
export function failFrame(
  state: ExecutionState,
  frame: Frame,
  error: ExecutionError,
  reason: AbandonReason,
): void {
  if (frame.failure === null) {
    frame.failure = error;
    stopFrame(state, frame);
    for (const step of underWay(frame)) abandon(state, step, reason);
  }
  endIterationWhenDone(state, frame);
}

/** The outputs of the leaves that ran (rule D9). */
function resultOf(frame: Frame): IterationResult {
  const { leaves } = frame.graph;
  const ran = leaves.map((index) => stepAt(frame, index)).filter(hasRun);
  const outputs = ran.flatMap(({ step }) => {
    const known = frame.scope.steps[step.id];
    return known === undefined ? [] : [[step.id, known] as const];
  });
  return { leaves: outputs, isSingle: leaves.length === 1 };
}

export function hasRun({ status, handling, reason }: StepState): boolean {
  return (
    status === 'completed' ||
    (status === 'failed' && handling === 'continue') ||
    (status === 'skipped' && reason === 'manual')
  );
}

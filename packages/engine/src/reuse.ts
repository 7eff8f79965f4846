/**
 * Which outputs of an earlier execution a new one takes over (rules U1 to U8). Pure: the log of the earlier one comes in
 * event by event, and the answer is a list of steps with their outputs, in an order in which they may be recorded.
 */
import type { BlobReference, EventData, EventType, JsonObject, JsonValue } from '@millrace/contracts';
import { canonicalJson, recordJson } from './expressions/json.js';
import type { Plan, PlanStep } from './graph/plan.js';
import { readsParameters } from './reads-parameters.js';
import type { AbandonReason } from './state/state.js';

/** A finished step of the earlier execution, with what stands for it in the new one. */
export interface FinishedStep {
  readonly output?: JsonValue | undefined;
  readonly outputRef?: BlobReference | undefined;
  readonly branch?: string | undefined;
}

/** What became of a step at the top level. One without an outcome has not finished. */
export type PastOutcome =
  | ({ readonly kind: 'finished' } & FinishedStep)
  /** Not wanted: skipped, or the loser of a join. It is decided again. */
  | { readonly kind: 'passed' }
  /** Failed, and the execution went on with the error as its output. */
  | { readonly kind: 'recovered'; readonly output: JsonValue };

/** The outcomes of one execution by step id. */
export type Past = Map<string, PastOutcome>;

/** The events of a log that say what became of a step; `notePast` needs no others. */
export const OUTCOME_EVENTS = [
  'step_completed',
  'step_failed',
  'step_skipped',
  'step_reused',
  'step_discarded',
] as const satisfies readonly EventType[];
type OutcomeEvent = {
  [T in (typeof OUTCOME_EVENTS)[number]]: { type: T; data: EventData<T> };
}[(typeof OUTCOME_EVENTS)[number]];

const LOSER: AbandonReason = 'join';

/** Notes one event; those of steps in bodies are part of the step that holds the body, and left out. */
export function notePast(past: Past, event: OutcomeEvent): void {
  if (event.data.iteration !== undefined) return;
  const outcome = outcomeOf(event);
  if (outcome !== undefined) past.set(event.data.step_id, outcome);
}

function outcomeOf(event: OutcomeEvent): PastOutcome | undefined {
  switch (event.type) {
    case 'step_completed':
    case 'step_reused':
      return { kind: 'finished', ...finished(event.data) };
    case 'step_skipped':
      return event.data.reason === 'manual'
        ? { kind: 'finished', ...finished(event.data) }
        : { kind: 'passed' };
    case 'step_discarded':
      return event.data.reason === LOSER ? { kind: 'passed' } : undefined;
    case 'step_failed':
      return event.data.handling === 'continue'
        ? { kind: 'recovered', output: { error: recordJson(event.data.error) } }
        : undefined;
  }
}

function finished({
  output,
  output_ref: outputRef,
  branch,
}: Pick<EventData<'step_completed'>, 'output' | 'output_ref' | 'branch'>): FinishedStep {
  return outputRef === undefined ? { output: output ?? null, branch } : { outputRef, branch };
}

export interface ReuseRequest {
  /** The plan of the earlier execution and of the new one; the same object for the same version. */
  readonly from: Plan;
  readonly to: Plan;
  readonly past: ReadonlyMap<string, PastOutcome>;
  /** `retry` runs what failed again; `rerun` this step and all behind it, or everything without one. */
  readonly mode:
    { readonly kind: 'retry' } | { readonly kind: 'rerun'; readonly fromStep?: string | undefined };
  /** Steps that are given another input. */
  readonly edited: ReadonlySet<string>;
  readonly parameters: { readonly before: JsonObject; readonly after: JsonObject };
}

export interface ReusedStep extends FinishedStep {
  readonly step: PlanStep;
}

/** The steps of `to` that need not run, in topological order. Linear in the plan's nodes and edges. */
export function reusableSteps(request: ReuseRequest): ReusedStep[] {
  return standings(request).flatMap(({ step, outcome, isSettled }) =>
    isSettled && outcome !== undefined && outcome !== 'passed' ? [{ step, ...outcome }] : [],
  );
}

/**
 * Would `fromStep` not run at all? It was passed by, and nothing before it runs again that could decide otherwise
 * (rule U7).
 */
export function isPassedByAgain(request: ReuseRequest): boolean {
  const { to, mode, past } = request;
  const step = mode.kind === 'rerun' ? to.stepOf.get(mode.fromStep ?? '') : undefined;
  if (step === undefined || past.get(step.id)?.kind !== 'passed') return false;
  const known = standings(request);
  return step.dependencies.every((before) => known[before]?.isSettled === true);
}

interface Standing {
  readonly step: PlanStep;
  readonly outcome: FinishedStep | 'passed' | undefined;
  /** U1: the step and everything before it is as it was. */
  readonly isSettled: boolean;
}

/** By position in `to`, which is topological: what is before a step is known when it is looked at. */
function standings({ from, to, past, mode, edited, parameters }: ReuseRequest): Standing[] {
  if (mode.kind === 'rerun' && mode.fromStep === undefined) return [];
  const isUnchanged = comparisonOf(from, to);
  const changed = changedKeys(parameters.before, parameters.after);
  const known: Standing[] = [];
  for (const step of to.steps) {
    const outcome = standing(step, past.get(step.id), mode.kind);
    const isSettled =
      outcome !== undefined &&
      step.dependencies.every((index) => known[index]?.isSettled === true) &&
      !(mode.kind === 'rerun' && mode.fromStep === step.id) &&
      isUnchanged(step) &&
      // One that does not run reads nothing.
      (outcome === 'passed' || !(edited.has(step.id) || readsParameters(step, changed)));
    known[step.index] = { step, outcome, isSettled };
  }
  return known;
}

/** The events that the new execution's log begins with, after `queued`. Steps in the order of `reusableSteps`. */
export function reusedEvents(
  to: Plan,
  fromExecution: string,
  reused: readonly ReusedStep[],
): EventData<'step_reused'>[] {
  return reused.map(({ step, output, outputRef, branch }, position) => ({
    step_id: step.id,
    step_name: step.name,
    kind: step.kind,
    attempt: 0,
    progress: Math.floor((100 * (position + 1)) / to.steps.length),
    from_execution: fromExecution,
    ...(outputRef === undefined ? { output: output ?? null } : { output_ref: outputRef }),
    ...(branch !== undefined && { branch }),
  }));
}

/** What of the earlier outcome may stand: undefined when the step has to run (U2, U3, U4). */
function standing(
  step: PlanStep,
  outcome: PastOutcome | undefined,
  mode: 'retry' | 'rerun',
): FinishedStep | 'passed' | undefined {
  if (outcome === undefined) return undefined;
  if (outcome.kind === 'passed') return 'passed';
  const hasPorts = step.ports.length > 0;
  if (outcome.kind === 'recovered') {
    return mode === 'rerun' && !hasPorts ? { output: outcome.output } : undefined;
  }
  const { output, outputRef, branch } = outcome;
  if (hasPorts && (branch === undefined || !step.ports.includes(branch))) return undefined;
  return { output, outputRef, branch };
}

/** U5: is a step of the new plan what it was in the old one? Its predecessors are looked at by themselves. */
function comparisonOf(from: Plan, to: Plan): (step: PlanStep) => boolean {
  if (from === to) return () => true;
  return (step) => {
    const earlier = from.stepOf.get(step.id);
    if (earlier === undefined || from.steps[earlier.index] !== earlier) return false;
    return essence(from, earlier) === essence(to, step);
  };
}

/** What can make a difference to the output of a step that succeeded: retries, limits and error handling cannot. */
function essence(plan: Plan, step: PlanStep): string {
  const edges = step.incoming.map((index) => {
    const edge = plan.edges[index];
    const source = edge && plan.steps[edge.source];
    return canonicalJson([source?.id ?? null, edge?.port ?? null]);
  });
  const { kind, agentType, config, input, join, disabled, pinnedOutput } = step;
  return canonicalJson({ kind, agentType, config, input, join, disabled, pinnedOutput, edges: edges.sort() });
}

function changedKeys(before: JsonObject, after: JsonObject): ReadonlySet<string> {
  const same = (key: string): boolean =>
    Object.hasOwn(before, key) &&
    Object.hasOwn(after, key) &&
    canonicalJson(before[key]) === canonicalJson(after[key]);
  return new Set([...Object.keys(before), ...Object.keys(after)].filter((key) => !same(key)));
}

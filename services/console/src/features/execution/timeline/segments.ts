import { ownerKey } from '../live/iterations';
import { stepKey, type AttemptView, type ExecutionView, type StepView } from '../live/view';

/**
 * - `queued`: might have begun, and no worker had the execution.
 * - `dispatched`: a worker had it, and the step had not begun.
 * - `backoff`: between a failed attempt and the next one.
 */
export type SegmentKind = 'queued' | 'dispatched' | 'running' | 'waiting' | 'sleeping' | 'backoff';

export interface Segment {
  readonly kind: SegmentKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** It goes on: `toMs` is now, or for a back-off when it is over. */
  readonly isOpen: boolean;
  /** Of the attempt, from 1; 0 before the first. */
  readonly attempt: number;
  readonly hasFailed: boolean;
}

/** What a step did when, in order and without overlap. `endMs` is now, or the end of the execution. */
export function segmentsOf(step: StepView, view: ExecutionView, endMs: number): Segment[] {
  return [
    ...beforeStart(step, view),
    ...step.history.flatMap((attempt, index) => attemptSegments(step, attempt, index, endMs)),
  ];
}

function beforeStart(step: StepView, view: ExecutionView): Segment[] {
  const { startedAtMs } = step;
  const readyAtMs = readyAt(step, view);
  if (startedAtMs === null || readyAtMs === null || readyAtMs >= startedAtMs) return [];
  const takenAtMs = view.phases.findLast(
    ({ status, fromMs }) => status === 'running' && fromMs <= startedAtMs && fromMs > readyAtMs,
  )?.fromMs;
  const common = { isOpen: false, attempt: 0, hasFailed: false };
  if (takenAtMs === undefined) {
    return [{ ...common, kind: 'dispatched', fromMs: readyAtMs, toMs: startedAtMs }];
  }
  return [
    { ...common, kind: 'queued', fromMs: readyAtMs, toMs: takenAtMs },
    { ...common, kind: 'dispatched', fromMs: takenAtMs, toMs: startedAtMs },
  ];
}

/** When the last of the steps before it had ended; the submission where there are none; null where nobody knows. */
function readyAt(step: StepView, view: ExecutionView): number | null {
  const sources = view.structure.get(step.stepId)?.sources ?? [];
  if (sources.length === 0) {
    if (step.iteration !== null) return view.steps.get(ownerKey(view, step) ?? '')?.startedAtMs ?? null;
    return view.phases[0]?.fromMs ?? null;
  }
  const ends = sources.map((id) => view.steps.get(stepKey(id, step.iteration))?.completedAtMs ?? null);
  // An "any" join begins when the first one has ended: what ended later cannot have held it up.
  const before = ends.filter((end) => end !== null && end <= (step.startedAtMs ?? Infinity));
  return before.length === 0 ? null : Math.max(...before.map((end) => end ?? 0));
}

function attemptSegments(step: StepView, attempt: AttemptView, index: number, endMs: number): Segment[] {
  const { number, startedAtMs, endedAtMs, askedAtMs, activity, outcome, retryAtMs } = attempt;
  const isOpen = endedAtMs === null;
  const toMs = Math.max(startedAtMs, endedAtMs ?? endMs);
  const common = { attempt: number, hasFailed: outcome === 'failed' };
  const work: Segment[] =
    askedAtMs === null
      ? [{ ...common, kind: activity, fromMs: startedAtMs, toMs, isOpen }]
      : [
          { ...common, kind: activity, fromMs: startedAtMs, toMs: askedAtMs, isOpen: false },
          { ...common, kind: 'waiting', fromMs: askedAtMs, toMs, isOpen },
        ];
  const next = step.history[index + 1];
  if (endedAtMs === null || (retryAtMs === null && next === undefined)) return work;
  const backoffTo = next?.startedAtMs ?? retryAtMs ?? endedAtMs;
  const isPending = next === undefined && step.status === 'retrying';
  return [
    ...work,
    {
      ...{ kind: 'backoff', attempt: number, hasFailed: false, fromMs: endedAtMs, isOpen: isPending },
      toMs: Math.max(endedAtMs, isPending ? backoffTo : Math.min(backoffTo, endMs)),
    },
  ];
}

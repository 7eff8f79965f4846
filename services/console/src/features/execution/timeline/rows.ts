import type { ExecutionResource } from '@millrace/contracts';
import type { ShownStatus } from '@/components/status';
import { iterationAround, ownerKey } from '../live/iterations';
import { shownStatus } from '../live/shown-status';
import { isSettled, isUnderWay, type ExecutionView, type StepView } from '../live/view';
import type { OpenRows } from './use-open-rows';

interface Common {
  readonly key: string;
  readonly depth: number;
  readonly label: string;
  readonly status: ShownStatus;
  readonly expandable: boolean;
  readonly open: boolean;
}
/** A line of the timeline: a step, one iteration of a body, or a child execution. */
export type TimelineRow =
  | (Common & { readonly type: 'step'; readonly step: StepView })
  | (Common & {
      readonly type: 'iteration';
      readonly owner: StepView;
      readonly iteration: string;
      readonly steps: readonly StepView[];
    })
  | (Common & { readonly type: 'child'; readonly execution: ExecutionResource });

interface RowOptions {
  readonly open: OpenRows;
  readonly failedOnly: boolean;
  /** Executions that steps have started, by the key of the step. */
  readonly childrenOf: (step: StepView) => readonly ExecutionResource[];
}

/** The steps inside bodies, by the key of the step with the body and then by iteration, in order. */
type Inside = ReadonlyMap<string, ReadonlyMap<string, readonly StepView[]>>;

export function rowsOf(view: ExecutionView, options: RowOptions): TimelineRow[] {
  const inside = insideOf(view);
  const rows: TimelineRow[] = [];
  for (const step of view.steps.values()) {
    if (ownerKey(view, step) === undefined) addStep(rows, step, 0, { view, inside, ...options });
  }
  return rows;
}

interface Context extends RowOptions {
  readonly view: ExecutionView;
  readonly inside: Inside;
}

function addStep(rows: TimelineRow[], step: StepView, depth: number, context: Context): void {
  const { view, inside, open, failedOnly, childrenOf } = context;
  if (failedOnly && !hasFailure(step, inside)) return;
  const iterations = inside.get(step.key);
  const children = childrenOf(step);
  const expandable = (iterations?.size ?? 0) > 0 || children.length > 0;
  const isOpen = expandable && open.has(step.key);
  const status = shownStatus(step, view);
  rows.push({ type: 'step', key: step.key, depth, label: step.name, status, expandable, open: isOpen, step });
  if (!isOpen) return;
  for (const execution of children) {
    const { execution_id: key, status: itsStatus } = execution;
    const fixed = { depth: depth + 1, expandable: false, open: false };
    rows.push({ ...fixed, type: 'child', key, label: key, status: itsStatus, execution });
  }
  for (const [iteration, steps] of iterations ?? []) {
    addIteration(rows, { owner: step, iteration, steps }, depth + 1, context);
  }
}

function addIteration(
  rows: TimelineRow[],
  { owner, iteration, steps }: { owner: StepView; iteration: string; steps: readonly StepView[] },
  depth: number,
  context: Context,
): void {
  if (context.failedOnly && !steps.some((step) => hasFailure(step, context.inside))) return;
  const key = `${owner.key}#${iteration}`;
  const isOpen = context.open.has(key);
  const status = iterationStatus(steps, context.view);
  const label = `Iteration ${iterationAround(iteration).index + 1}`;
  const shown = { key, depth, label, status, expandable: true, open: isOpen };
  rows.push({ ...shown, type: 'iteration', owner, iteration, steps });
  if (isOpen) for (const step of steps) addStep(rows, step, depth + 1, context);
}

function iterationStatus(steps: readonly StepView[], view: ExecutionView): ShownStatus {
  if (steps.some(({ status, handling }) => status === 'failed' && handling === 'fail')) return 'failed';
  const current = steps.find(isUnderWay);
  if (current !== undefined) return shownStatus(current, view);
  return steps.every(isSettled) ? 'completed' : 'running';
}

/** A failure that was made good counts too: it is what somebody looks for. */
function hasFailure(step: StepView, inside: Inside): boolean {
  if (step.status === 'failed' || step.history.some(({ outcome }) => outcome === 'failed')) return true;
  for (const steps of inside.get(step.key)?.values() ?? []) {
    if (steps.some((one) => hasFailure(one, inside))) return true;
  }
  return false;
}

function insideOf(view: ExecutionView): Inside {
  const inside = new Map<string, Map<string, StepView[]>>();
  for (const step of view.steps.values()) {
    const key = ownerKey(view, step);
    if (key === undefined || step.iteration === null) continue;
    const iterations = inside.get(key) ?? new Map<string, StepView[]>();
    inside.set(key, iterations);
    const steps = iterations.get(step.iteration) ?? [];
    iterations.set(step.iteration, steps);
    steps.push(step);
  }
  const index = (iteration: string): number => iterationAround(iteration).index;
  return new Map(
    [...inside].map(([key, iterations]) => [
      key,
      new Map([...iterations].sort(([a], [b]) => index(a) - index(b))),
    ]),
  );
}

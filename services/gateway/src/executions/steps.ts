import type { IterationSummary, StepSummary } from '@millrace/contracts';
import type { ExecutionState, Frame } from '@millrace/engine';
import { type ExecutionRecord, InvalidCursorError, readChildrenOfSteps } from '@millrace/persistence';
import { type History, openHistory } from '@millrace/runtime';
import { invalidRequest, notFound, unavailable } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { createLimiter } from '../limiter.js';
import { FrameWatch, IterationsWatch, type Owner } from './iterations.js';
import { inTurn, replay } from './replay.js';
import { mayHaveChildren, toStepSummary } from './step-summary.js';
import { type StepWatch, watchSteps } from './step-watch.js';

/** Logs of one process that are folded at once: each may be 50 MB. */
const AT_ONCE = 4;
const MAX_WAITING = 400;

export interface StepsQuery {
  within?: string | undefined;
  iteration?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

export type StepsAnswer =
  { steps: StepSummary[] } | { iterations: IterationSummary[]; nextCursor: string | undefined };

export interface StepHistory {
  /** What every step of an execution did so far, or of one iteration, or the iterations of a step. */
  read(record: ExecutionRecord, query: StepsQuery): Promise<StepsAnswer>;
}

type Needs = Pick<GatewayContext, 'pool' | 'runtime' | 'log'>;

export function createStepHistory(context: Needs): StepHistory {
  const { pool, runtime, log } = context;
  const limiter = createLimiter({
    places: AT_ONCE,
    waiting: MAX_WAITING,
    full: () => unavailable('Too many summaries of steps are asked for; ask again in a while'),
  });

  async function summarize(
    record: ExecutionRecord,
    frames: readonly Frame[],
    watch: StepWatch,
  ): Promise<StepsAnswer> {
    const steps = frames.flatMap((frame) => frame.steps);
    const parents = steps.filter((step) => mayHaveChildren(step, watch.of(step)));
    const ids = parents.map(({ step }) => step.id);
    const iteration = frames[0]?.iteration ?? null;
    const children = ids.length > 0 ? await readChildrenOfSteps(pool, record.id, { ids, iteration }) : [];
    return {
      steps: steps.map((current) => {
        const started = children.filter(({ stepId }) => stepId === current.step.id);
        return toStepSummary(current, watch.of(current), started);
      }),
    };
  }

  async function ofWorkflow(record: ExecutionRecord, history: History): Promise<StepsAnswer> {
    const watch = watchSteps((frame, { root, handler }) => frame === root || frame === handler?.frame);
    await replay(history, watch, log);
    const { root, handler } = history.state;
    return summarize(record, handler === null ? [root] : [root, handler.frame], watch);
  }

  async function ofIteration(
    record: ExecutionRecord,
    history: History,
    { owner, index }: { owner: Owner; index: number },
  ): Promise<StepsAnswer> {
    const found = new FrameWatch(owner, index);
    const watch = watchSteps((frame) => frame === found.frame);
    await replay(history, inTurn(found, watch), log);
    const { frame } = found;
    if (frame !== undefined) return summarize(record, [frame], watch);
    if (found.isInParts) throw inParts(owner);
    const path = owner.iteration === undefined ? String(index) : `${owner.iteration}.${String(index)}`;
    throw notFound(`Iteration ${path} of step`, owner.stepId);
  }

  async function listOf(history: History, owner: Owner, { limit, cursor }: StepsQuery): Promise<StepsAnswer> {
    const from = placeOf(cursor);
    const watch = new IterationsWatch(owner);
    await replay(history, watch, log);
    if (watch.isInParts) throw inParts(owner);
    const { items, next } = watch.page(from, limit);
    return { iterations: items, nextCursor: next === undefined ? undefined : String(next) };
  }

  async function read(record: ExecutionRecord, query: StepsQuery): Promise<StepsAnswer> {
    const { workflowId, workflowVersion, untilStep } = record;
    const loaded = await runtime.plans.load(workflowId, workflowVersion, untilStep);
    const history = await openHistory(pool, record, loaded);
    const wanted = wantedOf(history.state, query);
    if (wanted === undefined) return ofWorkflow(record, history);
    const { owner, index } = wanted;
    return index === undefined
      ? listOf(history, owner, query)
      : ofIteration(record, history, { owner, index });
  }

  return { read: (record, query) => limiter.run(() => read(record, query)) };
}

/** Undefined: the workflow's own steps. Without an index: all iterations of the owner. */
function wantedOf(
  { plan, root }: ExecutionState,
  { within, iteration }: StepsQuery,
): { owner: Owner; index: number | undefined } | undefined {
  if (within === undefined) {
    if (iteration === undefined) return undefined;
    throw refused('iteration', 'goes with within, the step whose body is meant');
  }
  const step = plan.stepOf.get(within);
  if (step === undefined) throw notFound('Step', within.slice(0, 100));
  if (step.body === null) throw refused('within', `step ${within} has no body`);
  const numbers = iteration?.split('.').map(Number) ?? [];
  const around = (root.iteration?.split('.').length ?? 0) + step.within.length;
  if (iteration === undefined && step.within.length === 0) {
    return { owner: { stepId: within, iteration: root.iteration ?? undefined }, index: undefined };
  }
  if (around > 0 && numbers.length === around)
    return { owner: { stepId: within, iteration }, index: undefined };
  if (numbers.length === around + 1) {
    const outer = around === 0 ? undefined : numbers.slice(0, -1).join('.');
    return { owner: { stepId: within, iteration: outer }, index: numbers.at(-1) };
  }
  const asked = `${String(around + 1)} numbers for the steps of one of its iterations`;
  const all = around === 0 ? 'none' : String(around);
  throw refused('iteration', `of step ${within} has ${asked}, ${all} for the list of them`);
}

function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new InvalidCursorError();
  return Number(cursor);
}

function inParts({ stepId }: Owner): Error {
  return refused(
    'within',
    `step ${stepId} runs in parts: its iterations are in the executions in its children`,
  );
}

function refused(field: 'within' | 'iteration', msg: string): Error {
  return invalidRequest([{ loc: ['query', field], msg, type: `invalid_${field}` }]);
}

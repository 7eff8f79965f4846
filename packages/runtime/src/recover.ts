import { parseLogEvent, toExecutionId } from '@millrace/contracts';
import {
  createState,
  EngineError,
  type ExecutionContext,
  type ExecutionState,
  fold,
  markInterrupted,
  partPlan,
  type Plan,
  provideOutput,
  restore,
  unresolvedOutputs,
  queuedEvent,
} from '@millrace/engine';
import { type ClaimedExecution, type Queryable, readEvents, type RecoveredLog } from '@millrace/persistence';
import { readStored } from './blobs.js';
import { LogUnusableError } from './log-unusable.js';
import { type Part, readPart } from './part.js';

/** An execution in a worker's hands, folded from its log and ready for `decide`. */
export interface Claim extends ClaimedExecution {
  workflowName: string;
  plan: Plan;
  state: ExecutionState;
  /** True when the log already held steps: another worker died with it, or it slept. */
  isRecovered: boolean;
  /** About how large the log is, bytes of JSON. */
  logBytes: number;
  /** Of a child execution that runs a part of a map. */
  part: Part | null;
}

const LOG_PAGE = 1_000;

/**
 * Folds the log of a claimed execution; without a log, only event 1 is there. Rejects with LogUnusableError, or with
 * the database's own error.
 */
export async function recoverClaim(
  db: Queryable,
  claimed: ClaimedExecution,
  { workflowName, plan: whole, log }: { workflowName: string; plan: Plan; log: RecoveredLog | undefined },
): Promise<Claim> {
  const { shard } = claimed;
  const part = shard === null ? null : await readPart(db, shard);
  const rootId = part?.rootId ?? claimed.rootId;
  const context = toContext({ ...claimed, rootId }, workflowName, part);
  const plan = part === null ? whole : usable(() => partPlan(whole, part.stepId));
  const ready = { ...claimed, rootId, workflowName, plan, part, logBytes: log?.bytes ?? 0 };
  if (log === undefined) {
    return { ...ready, state: freshState(plan, context, claimed), isRecovered: false };
  }
  let state = usable(() => restoreLog(plan, context, log));
  if (state === undefined) {
    const events = await readWholeLog(db, claimed.executionId);
    state = usable(() => foldAll(createState(plan, context), events));
  }
  await loadOutputs(db, state);
  markInterrupted(state);
  return { ...ready, state, isRecovered: true };
}

type Described = Pick<
  ClaimedExecution,
  | 'executionId'
  | 'workflowId'
  | 'workflowVersion'
  | 'parameters'
  | 'owner'
  | 'submittedBy'
  | 'rootId'
  | 'createdAt'
>;

export function toContext(claimed: Described, workflowName: string, part: Part | null): ExecutionContext {
  return {
    executionId: toExecutionId(claimed.executionId),
    workflowId: claimed.workflowId,
    workflowName,
    workflowVersion: claimed.workflowVersion,
    parameters: claimed.parameters,
    owner: claimed.owner,
    submittedBy: claimed.submittedBy,
    rootId: toExecutionId(claimed.rootId),
    createdAt: claimed.createdAt.toISOString(),
    ...(part !== null && { part: part.context }),
  };
}

function freshState(plan: Plan, context: ExecutionContext, claimed: ClaimedExecution): ExecutionState {
  const state = createState(plan, context);
  const { workflowVersion, submittedBy } = claimed;
  const queued = queuedEvent({ workflow_version: workflowVersion, submitted_by: submittedBy });
  fold(state, { ...queued, seq: 1, timestamp: context.createdAt });
  return state;
}

function foldAll(state: ExecutionState, events: RecoveredLog['events']): ExecutionState {
  for (const event of events) fold(state, parseLogEvent({ ...event, timestamp: event.at.toISOString() }));
  return state;
}

/** Undefined when there is a snapshot of another build: the log itself has to be folded then. */
function restoreLog(plan: Plan, context: ExecutionContext, log: RecoveredLog): ExecutionState | undefined {
  if (log.snapshot === undefined) return foldAll(createState(plan, context), log.events);
  try {
    return foldAll(restore(plan, context, log.snapshot.state), log.events);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'bad_snapshot') return undefined;
    throw error;
  }
}

/** Whatever folding throws is the log's fault, and no reason to try again. */
function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LogUnusableError(`the log cannot be read: ${message}`, { cause: error });
  }
}

async function readWholeLog(db: Queryable, executionId: string): Promise<RecoveredLog['events']> {
  const events: RecoveredLog['events'] = [];
  for (;;) {
    const page = await readEvents(db, executionId, events.at(-1)?.seq ?? 0, LOG_PAGE);
    events.push(...page);
    if (page.length < LOG_PAGE) return events;
  }
}

/** Outputs in the blob store are read at once: any expression may want them. */
export async function loadOutputs(db: Queryable, state: ExecutionState): Promise<void> {
  for (const { holder, reference } of unresolvedOutputs(state)) {
    provideOutput(state, holder, await readStored(db, reference.reference));
  }
}

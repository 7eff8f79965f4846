import { inTurns, isJsonObject, parseJsonSlices, parseLogEvent, toExecutionId } from '@millrace/contracts';
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
import {
  type ClaimedExecution,
  type Queryable,
  readLogPart,
  type RecoveredEvent,
  type RecoveredLog,
} from '@millrace/persistence';
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
  const state = await fromLog(db, claimed.executionId, plan, context, log);
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
  const { workflowVersion, submittedBy, untilStep } = claimed;
  const queued = queuedEvent({
    workflow_version: workflowVersion,
    submitted_by: submittedBy,
    ...(untilStep !== null && { until_step: untilStep }),
  });
  fold(state, { ...queued, seq: 1, timestamp: context.createdAt });
  return state;
}

/** Long logs are folded in turns with whatever else this process does. */
async function fromLog(
  db: Queryable,
  executionId: string,
  plan: Plan,
  context: ExecutionContext,
  { snapshot, events }: RecoveredLog,
): Promise<ExecutionState> {
  const restored = snapshot && (await restoreSnapshot(plan, context, snapshot.state));
  const state = restored ?? usable(() => createState(plan, context));
  if (events !== undefined && (snapshot === undefined) === (restored === undefined)) {
    usable(() => {
      foldAll(state, events);
    });
    return state;
  }
  for (let seq = restored === undefined ? 0 : (snapshot?.seq ?? 0); ;) {
    const part = await readLogPart(db, executionId, seq);
    const last = part.at(-1);
    if (last === undefined) return state;
    usable(() => {
      foldAll(state, part);
    });
    seq = last.seq;
  }
}

function foldAll(state: ExecutionState, events: readonly RecoveredEvent[]): void {
  for (const event of events) fold(state, parseLogEvent({ ...event, timestamp: event.at.toISOString() }));
}

/** Undefined when it is of another build: the log itself has to be folded then. */
async function restoreSnapshot(
  plan: Plan,
  context: ExecutionContext,
  text: string,
): Promise<ExecutionState | undefined> {
  try {
    const json = await inTurns(parseJsonSlices(text, UNLIMITED));
    return isJsonObject(json) ? usable(() => restore(plan, context, json)) : undefined;
  } catch (error) {
    const cause = error instanceof LogUnusableError ? error.cause : error;
    if (cause instanceof EngineError && cause.code === 'bad_snapshot') return undefined;
    throw error;
  }
}

const UNLIMITED = { length: Infinity, values: Infinity, depth: Infinity };

/** Whatever folding throws is the log's fault, and no reason to try again. */
function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LogUnusableError(`the log cannot be read: ${message}`, { cause: error });
  }
}

/** Outputs in the blob store are read at once: any expression may want them. */
export async function loadOutputs(db: Queryable, state: ExecutionState): Promise<void> {
  for (const { holder, reference } of unresolvedOutputs(state)) {
    provideOutput(state, holder, await readStored(db, reference.reference));
  }
}

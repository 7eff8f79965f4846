import { type ExecutionError, type JsonObject, toExecutionId } from '@millrace/contracts';
import {
  cancellableChildren,
  type ChildTarget,
  type ClaimedExecution,
  findChildren,
  orphanedChildren,
  readChildTargets,
  requireFollowUp,
} from '@millrace/persistence';
import type { Canceller } from './cancel.js';
import type { RuntimeContext } from './context.js';
import { PlanUnavailableError } from './plans.js';
import type { Submitter, SubmitRequest } from './submit.js';
import type { Version, Versions } from './versions.js';

export interface ChildRequest {
  stepId: string;
  /** Null at the top level. */
  iteration: string | null;
  attempt: number;
  /** From 0: which child of this attempt. */
  slot: number;
  /** Nobody waits for it, and the end of its parent does not cancel it. */
  detached: boolean;
  workflowId: string;
  version: number | 'latest';
  parameters: JsonObject;
  /** A part of the parent itself: the same version with the same parameters, no further checks, no deeper. */
  shard?: JsonObject;
}

/** The bare uuid of the child, or why there is none. */
export type ChildStart = { ok: true; executionId: string } | { ok: false; error: ExecutionError };

export type ChildParent = Pick<
  ClaimedExecution,
  | 'executionId'
  | 'epoch'
  | 'workflowId'
  | 'workflowVersion'
  | 'ownerId'
  | 'submittedBy'
  | 'submittedById'
  | 'traceId'
  | 'depth'
>;

export interface Children {
  /**
   * Starts what is not started yet, and answers per request, in order. The same place (step, iteration, attempt, slot)
   * always answers with its first child. Rejects when Postgres is away.
   */
  start(parent: ChildParent, requests: readonly ChildRequest[]): Promise<ChildStart[]>;
  /** Asks the live, attached children of an execution to end, of all its steps or of one. Waits for none of them. */
  cancel(parentId: string, which?: { stepId: string; iteration?: string | null }): Promise<number>;
  /** Of executions that have ended. */
  cancelOf(parentIds: readonly string[]): Promise<number>;
  /** The sweep: children whose parent ended without cancelling them. */
  cancelOrphans(): Promise<number>;
}

const MAX_SUBMISSION = 500;
const CANCELLATIONS_AT_ONCE = 4;
/** Findings about parameters that a message tells. */
const TOLD_PROBLEMS = 5;

function refused(workflowId: string, message: string, details: JsonObject = {}): ChildStart {
  const error: ExecutionError = {
    code: 'child_refused',
    message,
    fault: 'workflow',
    retryable: false,
    details: { workflow_id: workflowId, ...details },
  };
  return { ok: false, error };
}

/** Why this workflow starts no child; undefined when it does. */
function refusalOf(request: ChildRequest, target: ChildTarget | undefined): ChildStart | undefined {
  const { workflowId, version } = request;
  if (target === undefined || target.deleted) {
    return refused(workflowId, `Workflow ${workflowId} does not exist: name one that does`);
  }
  if (!target.executable) {
    const why = `The owner of this workflow cannot execute workflow ${workflowId}`;
    return refused(workflowId, `${why}: have both belong to one owner, or to an administrator`);
  }
  if (target.status !== 'active') {
    const why = `Workflow ${workflowId} is ${target.status} and takes no new executions`;
    return refused(workflowId, `${why}: activate it, or name another`);
  }
  if (version !== 'latest' && version > target.latestVersion) {
    const why = `Workflow ${workflowId} has no version ${String(version)}`;
    return refused(workflowId, `${why}: its latest is ${String(target.latestVersion)}`);
  }
  return undefined;
}

export function createChildren(
  context: RuntimeContext,
  parts: { submitter: Submitter; canceller: Canceller; versions: Versions },
): Children {
  const { db, settings } = context;
  const { submitter, canceller, versions } = parts;

  function toSubmission(
    parent: ChildParent,
    request: ChildRequest,
    child: { version: number; parameters: JsonObject; stepsTotal: number },
  ): SubmitRequest {
    return {
      workflowId: request.workflowId,
      workflowVersion: child.version,
      ownerId: parent.ownerId,
      submittedBy: { id: parent.submittedById, username: parent.submittedBy },
      parameters: child.parameters,
      stepsTotal: child.stepsTotal,
      traceId: parent.traceId,
      parent: {
        executionId: parent.executionId,
        stepId: request.stepId,
        iteration: request.iteration,
        attempt: request.attempt,
        slot: request.slot,
        depth: request.shard === undefined ? parent.depth + 1 : parent.depth,
        detached: request.detached,
        shard: request.shard ?? null,
      },
    };
  }

  async function toShard(parent: ChildParent, request: ChildRequest): Promise<SubmitRequest> {
    const { stepsTotal } = await versions.load(parent.workflowId, parent.workflowVersion);
    const { parameters } = request;
    return toSubmission(
      parent,
      { ...request, workflowId: parent.workflowId },
      { version: parent.workflowVersion, parameters, stepsTotal },
    );
  }

  /** What to submit for a request, or why it is refused. */
  async function prepare(
    parent: ChildParent,
    request: ChildRequest,
    target: ChildTarget | undefined,
  ): Promise<SubmitRequest | ChildStart> {
    if (request.shard !== undefined) return toShard(parent, request);
    const { workflowId } = request;
    const refusal = refusalOf(request, target);
    if (refusal !== undefined || target === undefined) return refusal ?? refused(workflowId, 'unknown');
    if (parent.depth >= settings.maxDepth) {
      const limit = String(settings.maxDepth);
      const why = `Sub-workflows are nested more than ${limit} deep`;
      return refused(workflowId, `${why}: end the recursion, or have the operator raise SUB_WORKFLOW_DEPTH`);
    }
    const version = request.version === 'latest' ? target.latestVersion : request.version;
    let loaded: Version;
    try {
      loaded = await versions.load(workflowId, version);
    } catch (error) {
      if (error instanceof PlanUnavailableError)
        return refused(workflowId, `It cannot start: ${error.message}`);
      throw error;
    }
    const checked = loaded.validate?.(request.parameters) ?? { ok: true, parameters: request.parameters };
    if (!checked.ok) {
      const told = checked.errors.slice(0, TOLD_PROBLEMS);
      const problems = told.map(({ loc, msg }) => `${['parameters', ...loc].join('.')} ${msg}`).join('; ');
      const message = `Workflow ${workflowId} does not accept these parameters: ${problems}`;
      return refused(workflowId, message, { errors: told });
    }
    return toSubmission(parent, request, {
      version,
      parameters: checked.parameters,
      stepsTotal: loaded.stepsTotal,
    });
  }

  async function submitAll(submissions: readonly SubmitRequest[]): Promise<ChildStart[]> {
    const started: ChildStart[] = [];
    for (let from = 0; from < submissions.length; from += MAX_SUBMISSION) {
      const outcomes = await submitter.submitMany(submissions.slice(from, from + MAX_SUBMISSION));
      for (const outcome of outcomes) {
        if (outcome.kind === 'idempotency_conflict') throw new Error('a child has no idempotency key');
        started.push({ ok: true, executionId: outcome.executionId });
      }
    }
    return started;
  }

  async function start(parent: ChildParent, requests: readonly ChildRequest[]): Promise<ChildStart[]> {
    if (requests.some((request) => !request.detached) && !(await requireFollowUp(db, parent))) {
      return requests.map((request) =>
        refused(request.workflowId, 'Another worker has taken this execution over'),
      );
    }
    const places = requests.map((request) => ({ ...request, executionId: parent.executionId }));
    const existing = await findChildren(db, places);
    const wanted = requests.filter((request, index) => existing[index] === undefined && !request.shard);
    const ids = [...new Set(wanted.map((request) => request.workflowId))];
    const targets =
      ids.length > 0 ? await readChildTargets(db, ids, parent.ownerId) : new Map<string, ChildTarget>();

    const answers = await Promise.all(
      requests.map(async (request, index): Promise<SubmitRequest | ChildStart> => {
        const found = existing[index];
        if (found !== undefined) return { ok: true, executionId: found.executionId };
        return prepare(parent, request, targets.get(request.workflowId));
      }),
    );
    const started = await submitAll(answers.filter((answer): answer is SubmitRequest => !('ok' in answer)));
    return answers.map((answer) => {
      if ('ok' in answer) return answer;
      const child = started.shift();
      if (child === undefined) throw new Error('fewer children were started than submitted');
      return child;
    });
  }

  async function cancelEach(childIds: readonly string[], reason: string): Promise<number> {
    for (let from = 0; from < childIds.length; from += CANCELLATIONS_AT_ONCE) {
      await Promise.all(
        childIds
          .slice(from, from + CANCELLATIONS_AT_ONCE)
          .map((executionId) =>
            canceller.cancel({ executionId, by: { id: null, username: 'system' }, reason, waitMs: 0 }),
          ),
      );
    }
    return childIds.length;
  }

  return {
    start,
    async cancel(parentId, which) {
      const of = which === undefined ? '' : `step ${which.stepId} of `;
      const reason = `${of}its parent execution ${toExecutionId(parentId)} does not need it any more`;
      return cancelEach(await cancellableChildren(db, [parentId], which), reason);
    },
    cancelOf: async (parentIds) =>
      cancelEach(await cancellableChildren(db, parentIds), 'its parent execution has ended'),
    async cancelOrphans() {
      const orphans = await orphanedChildren(db);
      return cancelEach(
        orphans.map((orphan) => orphan.childId),
        'its parent execution has ended',
      );
    },
  };
}

import { parseLogEvent, toExecutionId } from '@millrace/contracts';
import {
  createState,
  type ExecutionContext,
  type ExecutionState,
  fold,
  markInterrupted,
  type Plan,
  provideOutput,
  restore,
  unresolvedOutputs,
} from '@millrace/engine';
import {
  claimExecutions,
  type ClaimedExecution,
  readJsonBlob,
  readLogs,
  type RecoveredLog,
} from '@millrace/persistence';
import { parseBlobReference } from './blobs.js';
import { createBatcher } from './batcher.js';
import type { RuntimeContext } from './context.js';
import type { Plans } from './plans.js';

/** An execution in a worker's hands, folded from its log and ready for `decide`. */
export interface Claim extends ClaimedExecution {
  workflowName: string;
  plan: Plan;
  state: ExecutionState;
  /** True when the log already held steps: another worker died with it, or it slept. */
  isRecovered: boolean;
}

export type ClaimAnswer =
  | { kind: 'claimed'; claim: Claim }
  /** Somebody else has it, or it is over: forget the hint. */
  | { kind: 'refused' }
  /** It is ours, but its log or its version cannot be used: it must end as failed. */
  | { kind: 'unusable'; claimed: ClaimedExecution; message: string };

export interface Claimer {
  /** Claims one execution, together with whatever else this worker is claiming. Rejects when Postgres is away. */
  claim(workerId: string, executionId: string): Promise<ClaimAnswer>;
}

const MAX_BATCH = 100;

interface Wanted {
  workerId: string;
  executionId: string;
}

export function createClaimer(context: RuntimeContext, plans: Plans): Claimer {
  const { db, crash } = context;

  function toContext(claimed: ClaimedExecution, workflowName: string): ExecutionContext {
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
    };
  }

  async function loadOutputs(claimed: ClaimedExecution, state: ExecutionState): Promise<void> {
    for (const { stepId, reference } of unresolvedOutputs(state)) {
      const blob = parseBlobReference(reference.reference);
      const value = blob && (await readJsonBlob(db, blob.executionId, blob.id));
      if (value === undefined)
        throw new Error(`the output of step ${stepId} is missing: ${reference.reference}`);
      provideOutput(state, stepId, value);
    }
  }

  async function build(claimed: ClaimedExecution, log: RecoveredLog | undefined): Promise<ClaimAnswer> {
    const { workflowName, plan } = await plans.load(claimed.workflowId, claimed.workflowVersion);
    const executionContext = toContext(claimed, workflowName);
    let state: ExecutionState;
    if (log === undefined) {
      state = createState(plan, executionContext);
      fold(state, {
        type: 'queued',
        seq: 1,
        timestamp: executionContext.createdAt,
        data: { workflow_version: claimed.workflowVersion, submitted_by: claimed.submittedBy },
      });
    } else {
      state = log.snapshot
        ? restore(plan, executionContext, log.snapshot.state)
        : createState(plan, executionContext);
      for (const event of log.events) {
        fold(state, parseLogEvent({ ...event, timestamp: event.at.toISOString() }));
      }
      await loadOutputs(claimed, state);
      markInterrupted(state);
    }
    return {
      kind: 'claimed',
      claim: { ...claimed, workflowName, plan, state, isRecovered: log !== undefined },
    };
  }

  async function claimBatch(
    workerId: string,
    executionIds: readonly string[],
  ): Promise<Map<string, ClaimAnswer>> {
    const claimed = await claimExecutions(db, workerId, executionIds);
    crash('claim_committed_not_run');
    // Only event 1 is there: nothing to read.
    const old = claimed.filter((c) => c.lastSeq > 1);
    const logs =
      old.length > 0
        ? await readLogs(
            db,
            old.map((c) => c.executionId),
          )
        : new Map<string, RecoveredLog>();
    const answers = await Promise.all(
      claimed.map(async (c): Promise<[string, ClaimAnswer]> => {
        try {
          return [c.executionId, await build(c, logs.get(c.executionId))];
        } catch (error) {
          if (isConnectionTrouble(error)) throw error;
          const message = error instanceof Error ? error.message : String(error);
          return [c.executionId, { kind: 'unusable', claimed: c, message }];
        }
      }),
    );
    return new Map(answers);
  }

  const batcher = createBatcher<Wanted, ClaimAnswer>({
    maxItems: MAX_BATCH,
    concurrency: 2,
    keyOf: (wanted) => wanted.executionId,
    async flush(wanted) {
      const answers = new Map<string, ClaimAnswer>();
      for (const workerId of new Set(wanted.map((w) => w.workerId))) {
        const ids = wanted.filter((w) => w.workerId === workerId).map((w) => w.executionId);
        for (const [id, answer] of await claimBatch(workerId, ids)) answers.set(id, answer);
      }
      return wanted.map((w) => answers.get(w.executionId) ?? { kind: 'refused' });
    },
  });

  return { claim: (workerId, executionId) => batcher.add({ workerId, executionId }) };
}

/** An error of the connection or the server's availability, which says nothing about the execution at hand. */
function isConnectionTrouble(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return /^(08|53|57|58|E[A-Z]+)/.test(error.code);
}

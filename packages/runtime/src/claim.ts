import { claimExecutions, type ClaimedExecution, readLogs, type RecoveredLog } from '@millrace/persistence';
import { createBatcher } from './batcher.js';
import type { RuntimeContext } from './context.js';
import { PlanUnavailableError, type Plans } from './plans.js';
import { LogUnusableError } from './log-unusable.js';
import { type Claim, recoverClaim } from './recover.js';

export type ClaimAnswer =
  | { kind: 'claimed'; claim: Claim }
  /** Somebody else has it, or it is over: forget the hint. */
  | { kind: 'refused' }
  /** It is ours, but its log or its version cannot be used: it must end as failed. */
  | { kind: 'unusable'; claimed: ClaimedExecution; message: string };

export interface Claimer {
  /**
   * Claims one execution, together with whatever else this worker is claiming. Rejects when Postgres is away: the claim
   * may have been committed all the same, and then the worker finds at its next renewal that it has it.
   */
  claim(workerId: string, executionId: string): Promise<ClaimAnswer>;
}

const MAX_BATCH = 100;

interface Wanted {
  workerId: string;
  executionId: string;
}

type BatchAnswer = ClaimAnswer | { kind: 'unreachable'; error: unknown };

const REFUSED: ClaimAnswer = { kind: 'refused' };

export function createClaimer(context: RuntimeContext, plans: Plans): Claimer {
  const { db, crash } = context;

  async function recover(claimed: ClaimedExecution, log: RecoveredLog | undefined): Promise<BatchAnswer> {
    try {
      const { workflowId, workflowVersion, untilStep } = claimed;
      const { workflowName, plan } = await plans.load(workflowId, workflowVersion, untilStep);
      return { kind: 'claimed', claim: await recoverClaim(db, claimed, { workflowName, plan, log }) };
    } catch (error) {
      if (error instanceof PlanUnavailableError || error instanceof LogUnusableError) {
        return { kind: 'unusable', claimed, message: error.message };
      }
      // The database could not be asked, which says nothing about the execution.
      return { kind: 'unreachable', error };
    }
  }

  async function claimBatch(
    workerId: string,
    executionIds: readonly string[],
    answers: Map<string, BatchAnswer>,
  ): Promise<void> {
    const claimed = await claimExecutions(db, workerId, executionIds);
    crash('claim_committed_not_run');
    // Where only event 1 is there, and says nothing of its own, nothing has to be read.
    const old = claimed.filter((c) => c.lastSeq > 1 || c.retryOf !== null).map((c) => c.executionId);
    const logs = old.length > 0 ? await readLogs(db, old) : new Map<string, RecoveredLog>();
    await Promise.all(
      claimed.map(async (c) => {
        answers.set(c.executionId, await recover(c, logs.get(c.executionId)));
      }),
    );
  }

  const batcher = createBatcher<Wanted, BatchAnswer>({
    maxItems: MAX_BATCH,
    concurrency: 2,
    keyOf: (wanted) => wanted.executionId,
    async flush(wanted) {
      const answers = new Map<string, BatchAnswer>();
      for (const workerId of new Set(wanted.map((w) => w.workerId))) {
        const ids = wanted.filter((w) => w.workerId === workerId).map((w) => w.executionId);
        await claimBatch(workerId, ids, answers);
      }
      return wanted.map((w) => answers.get(w.executionId) ?? REFUSED);
    },
  });

  return {
    async claim(workerId, executionId) {
      const answer = await batcher.add({ workerId, executionId });
      if (answer.kind === 'unreachable') throw answer.error;
      return answer;
    },
  };
}

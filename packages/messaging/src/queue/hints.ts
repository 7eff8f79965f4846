import { type ExecutionJob, executionJob } from '@millrace/contracts';
import type { BulkJobOptions } from 'bullmq';
import type { ExecutionHint } from './port.js';

export const QUEUE_NAME = 'executions';

export interface HintJob {
  name: string;
  data: ExecutionJob;
  opts: BulkJobOptions;
}

/** The job of a hint: one attempt, gone when it ends, and named so that the same hint twice is one job. */
export function toJob(hint: ExecutionHint): HintJob {
  return {
    name: 'hint',
    data: { execution_id: hint.executionId, dispatch_no: hint.dispatchNo },
    opts: {
      jobId: `${hint.executionId}-${String(hint.dispatchNo)}`,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
      ...(hint.priority === undefined ? {} : { priority: hint.priority }),
    },
  };
}

/** Undefined for a job that nobody of this platform wrote. */
export function toHint(job: { data: unknown; priority?: number }): ExecutionHint | undefined {
  const parsed = executionJob.safeParse(job.data);
  if (!parsed.success) return undefined;
  return {
    executionId: parsed.data.execution_id,
    dispatchNo: parsed.data.dispatch_no,
    ...(job.priority === undefined || job.priority === 0 ? {} : { priority: job.priority }),
  };
}

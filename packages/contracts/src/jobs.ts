import * as z from 'zod';

/** What a queue's job carries: a hint that an execution may be runnable, never the truth about it. */
export const executionJob = z.object({ execution_id: z.string(), dispatch_no: z.int() });
export type ExecutionJob = z.infer<typeof executionJob>;

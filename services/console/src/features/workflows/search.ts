import { workflowStatus } from '@millrace/contracts';
import * as z from 'zod';

/** What the list of workflows is filtered by, as the address holds it. */
export const workflowsSearch = z.object({
  search: z.string().trim().min(1).optional().catch(undefined),
  tag: z.string().min(1).optional().catch(undefined),
  status: workflowStatus.optional().catch(undefined),
  owner: z.string().min(1).optional().catch(undefined),
  /** Those that were deleted and can come back. */
  deleted: z.literal(true).optional().catch(undefined),
});
export type WorkflowsSearch = z.infer<typeof workflowsSearch>;

/** Without what is empty, so that equal filters are equal addresses. */
export const tidyWorkflows = (search: WorkflowsSearch): WorkflowsSearch => {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  return workflowsSearch.parse(Object.fromEntries(kept));
};

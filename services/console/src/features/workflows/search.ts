import * as z from 'zod';

/** What the list of workflows is filtered by, as the address holds it. */
export const workflowsSearch = z.object({
  search: z.string().optional().catch(undefined),
  tag: z.string().optional().catch(undefined),
  status: z.enum(['active', 'archived', 'draft']).optional().catch(undefined),
  owner: z.string().optional().catch(undefined),
});
export type WorkflowsSearch = z.infer<typeof workflowsSearch>;

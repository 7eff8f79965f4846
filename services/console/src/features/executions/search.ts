import { executionStatus } from '@millrace/contracts';
import * as z from 'zod';

/** What the list of executions is filtered by, as the address holds it. */
export const executionsSearch = z.object({
  workflow: z.string().optional().catch(undefined),
  status: z.array(executionStatus).optional().catch(undefined),
  owner: z.string().optional().catch(undefined),
  since: z.string().optional().catch(undefined),
  until: z.string().optional().catch(undefined),
  error_fingerprint: z.string().optional().catch(undefined),
  search: z.string().optional().catch(undefined),
});
export type ExecutionsSearch = z.infer<typeof executionsSearch>;

import * as z from 'zod';
import {
  definition,
  edge,
  executionBudget,
  node,
  onFailure,
  uiState,
  workflowMetadata,
} from '../definition.js';
import { workflowId } from '../ids.js';
import { jsonObject } from '../json.js';
import { executionStatus, workflowStatus } from '../statuses.js';
import { username } from './auth.js';
import { flag } from './query.js';

export const createWorkflowRequest = definition
  .extend({
    id: workflowId.optional(),
    owner: username.optional().describe('Admins may create for someone else'),
  })
  .meta({ id: 'CreateWorkflowRequest' });
export type CreateWorkflowRequest = z.output<typeof createWorkflowRequest>;

/** A workflow that is only drawn so far: `definition` is its first draft, and need not be valid yet. */
export const createDraftRequest = z
  .strictObject({
    id: workflowId.optional(),
    name: definition.shape.name,
    definition: jsonObject.optional().describe('What is on the canvas; empty without it'),
    owner: username.optional().describe('Admins may create for someone else'),
  })
  .meta({ id: 'CreateDraftRequest' });
export type CreateDraftRequest = z.output<typeof createDraftRequest>;

/** A full replacement; `id`, when given, must equal the one in the path. `owner` transfers it (admins). */
export const updateWorkflowRequest = definition
  .extend({ id: workflowId.optional(), owner: username.optional() })
  .meta({ id: 'UpdateWorkflowRequest' });
export type UpdateWorkflowRequest = z.output<typeof updateWorkflowRequest>;

export const patchWorkflowRequest = z
  .strictObject({ status: z.enum(['active', 'archived']).optional(), owner: username.optional() })
  .refine((body) => body.status !== undefined || body.owner !== undefined, 'give "status" or "owner"')
  .meta({ id: 'PatchWorkflowRequest' });

/** One of the newest executions of a workflow, for a list of workflows. */
export const recentRun = z
  .object({
    execution_id: z.string(),
    status: executionStatus,
    created_at: z.iso.datetime(),
    duration_seconds: z.number().nullable(),
  })
  .meta({ id: 'RecentRun' });
export type RecentRun = z.infer<typeof recentRun>;

export const workflowSummary = z
  .object({
    id: z.string(),
    workflow_id: z.string(),
    name: z.string(),
    description: z.string(),
    status: workflowStatus,
    owner: z.string(),
    version: z.int(),
    revision: z.int(),
    node_count: z.int(),
    metadata: workflowMetadata,
    tags: z.array(z.string()),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    created_by: z.string(),
    updated_by: z.string(),
    deleted_at: z.iso.datetime().optional().describe('Of a deleted one'),
    recent_runs: z.array(recentRun).optional().describe('Newest first, where the list was asked for them'),
    message: z.string().optional(),
  })
  .meta({ id: 'WorkflowSummary' });
export type WorkflowSummary = z.infer<typeof workflowSummary>;

export const workflowResource = workflowSummary
  .extend({
    nodes: z.array(node),
    edges: z.array(edge),
    parameters_schema: jsonObject.optional(),
    timeout_seconds: z.number().optional(),
    on_failure: onFailure.optional(),
    budget: executionBudget.optional(),
    ui: uiState.optional(),
  })
  .meta({ id: 'Workflow' });
export type WorkflowResource = z.infer<typeof workflowResource>;

/** What is being edited: kept as it is, for it need not be a valid definition yet. */
export const draftResource = z
  .object({
    workflow_id: z.string(),
    revision: z.int(),
    definition: jsonObject,
    updated_at: z.iso.datetime(),
    updated_by: z.string(),
  })
  .meta({ id: 'Draft' });
export type DraftResource = z.infer<typeof draftResource>;

export const ifMatch = z.object({
  'If-Match': z.string().max(200).optional().describe('Write only if this is still the revision'),
});

const pageSize = z.coerce.number().int().min(1).max(200).default(50);
export const pageQuery = z.object({ limit: pageSize, cursor: z.string().max(600).optional() });

export const listWorkflowsQuery = pageQuery.extend({
  search: z.string().trim().min(1).max(200).optional(),
  tag: z.string().min(1).max(100).optional(),
  status: workflowStatus.optional(),
  owner: username.optional(),
  deleted: flag
    .optional()
    .describe(
      '`true`: deleted ones, the last deleted first; needs `workflow:delete`, as restoring them does',
    ),
  recent_runs: z.coerce
    .number()
    .int()
    .min(1)
    .max(30)
    .optional()
    .describe('So many of the newest executions of each'),
  sort: z
    .enum(['created_at', 'updated_at', 'name'])
    .default('created_at')
    .describe('The newest first, the last changed first, or by name'),
});

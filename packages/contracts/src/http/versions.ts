/** Published versions of a workflow: what ran, and what can be made current again. */
import * as z from 'zod';
import { edge, executionBudget, node, onFailure, uiState, workflowMetadata } from '../definition.js';
import { jsonObject } from '../json.js';

export const versionSummary = z
  .object({
    workflow_id: z.string(),
    version: z.int(),
    name: z.string().describe('Of the workflow when the version was published'),
    node_count: z.int(),
    current: z.boolean().describe('What runs now'),
    restored_from: z.int().nullable().describe('The earlier version whose content it has'),
    created_at: z.iso.datetime(),
    created_by: z.string(),
  })
  .meta({ id: 'WorkflowVersionSummary' });
export type VersionSummary = z.infer<typeof versionSummary>;

export const versionResource = versionSummary
  .extend({
    description: z.string(),
    nodes: z.array(node),
    edges: z.array(edge),
    parameters_schema: jsonObject.optional(),
    timeout_seconds: z.number().optional(),
    on_failure: onFailure.optional(),
    budget: executionBudget.optional(),
    metadata: workflowMetadata,
    ui: uiState.optional(),
  })
  .meta({ id: 'WorkflowVersion' });
export type VersionResource = z.infer<typeof versionResource>;

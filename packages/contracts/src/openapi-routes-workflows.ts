import * as z from 'zod';
import {
  executeBatchRequest,
  executeBatchResponse,
  executeRequest,
  executeResponse,
  executionResource,
  idempotencyKey,
  listWorkflowExecutionsQuery,
} from './http/executions.js';
import {
  createDraftRequest,
  createWorkflowRequest,
  draftResource,
  ifMatch,
  listWorkflowsQuery,
  patchWorkflowRequest,
  updateWorkflowRequest,
  workflowResource,
  workflowSummary,
} from './http/workflows.js';
import { jsonObject } from './json.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const REVISION = { ETag: 'The revision, as in `"3"`: what `If-Match` is compared with' } as const;
const idempotencyHeader = z.object({
  'Idempotency-Key': idempotencyKey
    .optional()
    .describe('The same key and body answer with the same execution for 24 hours'),
});

const exampleDefinition = {
  name: 'Full Development Pipeline',
  description: 'Plans and reviews',
  nodes: [
    {
      id: 'plan',
      type: 'agent',
      position: { x: 250, y: 100 },
      data: {
        agent_type: 'planning',
        label: 'Plan tasks',
        config: { reasoning_pattern: 'chain_of_thought' },
      },
    },
    { id: 'pause', type: 'delay', position: { x: 250, y: 250 }, data: { config: { seconds: 2 } } },
  ],
  edges: [{ id: 'edge_1', source: 'plan', target: 'pause' }],
  metadata: { tags: ['development'] },
} as const;

/** Workflows and what is started from them; each family of paths reaches the same handlers. */
export const WORKFLOW_ROUTES = {
  createWorkflow: {
    method: 'post',
    paths: ['/workflows/visual/create', '/workflows/protected/create'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Create and publish a workflow',
    body: { schema: createWorkflowRequest, encoding: 'json', limit: 'large', example: exampleDefinition },
    responses: { 201: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['invalid_structure', 'forbidden', 'conflict'],
  },
  createDraft: {
    method: 'post',
    paths: ['/workflows/drafts'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Create a workflow that is still being drawn',
    description:
      'Its status is `draft` and its version 0: it takes no executions until `PUT /workflows/{id}` publishes it. `PUT /workflows/{id}/draft` keeps what is drawn.',
    body: {
      schema: createDraftRequest,
      encoding: 'json',
      limit: 'large',
      example: { name: 'Untitled workflow' },
    },
    responses: { 201: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['forbidden', 'conflict'],
  },
  listWorkflows: {
    method: 'get',
    paths: ['/workflows', '/workflows/protected'],
    access: 'workflow:read',
    tag: 'Workflows',
    summary: 'List workflows, newest first',
    description: 'Admins see everybody’s, others their own. Nodes and edges are left out.',
    query: listWorkflowsQuery,
    responses: { 200: { description: 'Workflows', schema: z.array(workflowSummary), headers: NEXT_PAGE } },
    errors: ['insufficient_scope'],
  },
  getWorkflow: {
    method: 'get',
    paths: ['/workflows/{id}', '/workflows/protected/{id}'],
    access: 'workflow:read',
    tag: 'Workflows',
    summary: 'Read a workflow',
    responses: { 200: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['forbidden', 'not_found'],
  },
  updateWorkflow: {
    method: 'put',
    paths: ['/workflows/{id}', '/workflows/protected/{id}'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Save and publish a workflow',
    description:
      'Makes a new version when the graph or the configuration changed; position, label and notes are no change. Every write raises the revision.',
    headers: ifMatch,
    body: { schema: updateWorkflowRequest, encoding: 'json', limit: 'large', example: exampleDefinition },
    responses: { 200: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['invalid_structure', 'forbidden', 'not_found', 'stale_revision'],
  },
  patchWorkflow: {
    method: 'patch',
    paths: ['/workflows/{id}', '/workflows/protected/{id}'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Archive, activate or transfer a workflow',
    description: 'Its executions go with it to the new owner.',
    headers: ifMatch,
    body: {
      schema: patchWorkflowRequest,
      encoding: 'json',
      limit: 'standard',
      example: { status: 'archived' },
    },
    responses: { 200: { description: 'The workflow', schema: workflowResource, headers: REVISION } },
    errors: ['forbidden', 'not_found', 'stale_revision'],
  },
  deleteWorkflow: {
    method: 'delete',
    paths: ['/workflows/{id}', '/workflows/protected/{id}'],
    access: 'workflow:delete',
    tag: 'Workflows',
    summary: 'Delete a workflow',
    description: 'Running executions finish; history stays readable to the owner and to admins.',
    responses: { 204: { description: 'Deleted' } },
    errors: ['forbidden', 'not_found'],
  },
  getDraft: {
    method: 'get',
    paths: ['/workflows/{id}/draft', '/workflows/protected/{id}/draft'],
    access: 'workflow:read',
    tag: 'Workflows',
    summary: 'Read the unpublished draft',
    responses: { 200: { description: 'The draft', schema: draftResource, headers: REVISION } },
    errors: ['forbidden', 'not_found'],
  },
  saveDraft: {
    method: 'put',
    paths: ['/workflows/{id}/draft', '/workflows/protected/{id}/draft'],
    access: 'workflow:write',
    tag: 'Workflows',
    summary: 'Save a draft without publishing it',
    description: 'Any JSON object: what is being drawn need not be valid yet. Publishing removes it.',
    headers: ifMatch,
    body: { schema: jsonObject, encoding: 'json', limit: 'large' },
    responses: { 200: { description: 'The draft', schema: draftResource, headers: REVISION } },
    errors: ['forbidden', 'not_found', 'stale_revision'],
  },
  executeWorkflow: {
    method: 'post',
    paths: ['/workflows/{id}/execute', '/workflows/protected/{id}/execute'],
    access: 'workflow:execute',
    tag: 'Executions',
    summary: 'Execute a workflow',
    headers: idempotencyHeader,
    body: {
      schema: executeRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { parameters: { objective: 'Ship the release' } },
    },
    responses: { 202: { description: 'Accepted: it is stored and will run', schema: executeResponse } },
    errors: ['forbidden', 'not_found', 'conflict', 'idempotency_conflict'],
  },
  executeDraft: {
    method: 'post',
    paths: ['/workflows/{id}/draft/execute', '/workflows/protected/{id}/draft/execute'],
    access: 'workflow:execute',
    tag: 'Executions',
    summary: 'Test the draft: execute it without publishing it',
    description:
      'Needs `workflow:write` as well. Runs the draft, or where there is none what is published, as a version of its own (below zero); pinned outputs stand in for their steps. Problems of the draft are those of publishing it, with a `loc` that begins with `draft`. The workflow’s own callback is not told.',
    headers: idempotencyHeader.extend(ifMatch.shape),
    body: {
      schema: executeRequest,
      encoding: 'json',
      limit: 'standard',
      optional: true,
      example: { parameters: { objective: 'Ship the release' }, until_step: 'plan' },
    },
    responses: { 202: { description: 'Accepted: it is stored and will run', schema: executeResponse } },
    errors: [
      'forbidden',
      'not_found',
      'conflict',
      'idempotency_conflict',
      'invalid_structure',
      'stale_revision',
    ],
  },
  executeBatch: {
    method: 'post',
    paths: ['/workflows/{id}/execute/batch', '/workflows/protected/{id}/execute/batch'],
    access: 'workflow:execute',
    tag: 'Executions',
    summary: 'Execute a workflow up to 500 times: all are accepted, or none',
    description:
      'A key that belongs to another body refuses the whole batch (409). Only where another request takes such a key at the same moment are the other items accepted; `conflicts` names those that are not.',
    body: { schema: executeBatchRequest, encoding: 'json', limit: 'large' },
    responses: { 202: { description: 'Accepted, in the given order', schema: executeBatchResponse } },
    errors: ['forbidden', 'not_found', 'conflict', 'idempotency_conflict'],
  },
  listWorkflowExecutions: {
    method: 'get',
    paths: ['/workflows/{id}/executions', '/workflows/protected/{id}/executions'],
    access: 'workflow:read',
    tag: 'Executions',
    summary: 'Executions of a workflow, newest first',
    query: listWorkflowExecutionsQuery,
    responses: { 200: { description: 'Executions', schema: z.array(executionResource), headers: NEXT_PAGE } },
    errors: ['bad_request', 'forbidden', 'not_found'],
  },
} as const satisfies Record<string, RouteContract>;

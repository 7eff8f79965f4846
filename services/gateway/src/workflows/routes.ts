import type { WorkflowRecord } from '@millrace/persistence';
import { API_BASE } from '@millrace/contracts';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { etagOf } from '../http/etag.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { toDraftResource, toSummaryResource, toWorkflowResource } from './resource.js';
import { createWorkflows } from './service.js';

type Names =
  | 'createWorkflow'
  | 'createDraft'
  | 'listWorkflows'
  | 'getWorkflow'
  | 'updateWorkflow'
  | 'patchWorkflow'
  | 'deleteWorkflow'
  | 'getDraft'
  | 'saveDraft';

export function workflowHandlers(context: GatewayContext): Handlers<Names> {
  const workflows = createWorkflows(context);
  const { db } = context;
  return {
    createWorkflow: async ({ caller, body }) => {
      const workflow = await workflows.create(caller, body);
      return {
        status: 201,
        body: toWorkflowResource(workflow, `Workflow ${workflow.name} created`),
        headers: { ...revisionOf(workflow), Location: `${API_BASE}/workflows/${workflow.id}` },
      };
    },

    createDraft: async ({ caller, body }) => {
      const workflow = await workflows.createDraft(caller, body);
      return {
        status: 201,
        body: toWorkflowResource(workflow, `Workflow ${workflow.name} created; it is not published yet`),
        headers: { ...revisionOf(workflow), Location: `${API_BASE}/workflows/${workflow.id}` },
      };
    },

    listWorkflows: async ({ caller, query, request }) => {
      const { owner, ...filter } = query;
      const page = await db.asCaller(asDatabaseCaller(caller), async (repositories) => {
        const ownerId =
          owner === undefined ? undefined : (await repositories.users.findByUsername(owner))?.id;
        if (owner !== undefined && ownerId === undefined) return { items: [] };
        return repositories.workflows.list({ ...filter, ownerId });
      });
      return {
        status: 200,
        body: page.items.map(toSummaryResource),
        headers: nextPage(request, page.nextCursor),
      };
    },

    getWorkflow: async ({ caller, params }) => {
      const workflow = await workflows.get(caller, params.id);
      return { status: 200, body: toWorkflowResource(workflow), headers: revisionOf(workflow) };
    },

    updateWorkflow: async ({ caller, params, body, headers }) => {
      const { workflow, published } = await workflows.update(caller, params.id, body, headers['If-Match']);
      const message = published
        ? `Workflow ${workflow.name} saved and published as version ${workflow.version}`
        : `Workflow ${workflow.name} saved; version ${workflow.version} is still what runs`;
      return { status: 200, body: toWorkflowResource(workflow, message), headers: revisionOf(workflow) };
    },

    patchWorkflow: async ({ caller, params, body, headers }) => {
      const workflow = await workflows.patch(caller, params.id, body, headers['If-Match']);
      return { status: 200, body: toWorkflowResource(workflow), headers: revisionOf(workflow) };
    },

    deleteWorkflow: async ({ caller, params }) => {
      await workflows.remove(caller, params.id);
      return { status: 204 };
    },

    getDraft: async ({ caller, params }) => {
      const draft = await workflows.getDraft(caller, params.id);
      return { status: 200, body: toDraftResource(draft), headers: revisionOf(draft) };
    },

    saveDraft: async ({ caller, params, body, headers }) => {
      const draft = await workflows.saveDraft(caller, params.id, body, headers['If-Match']);
      return { status: 200, body: toDraftResource(draft), headers: revisionOf(draft) };
    },
  };
}

function revisionOf({ revision }: Pick<WorkflowRecord, 'revision'>): { ETag: string } {
  return { ETag: etagOf(revision) };
}

import type { WorkflowRecord } from '@millrace/persistence';
import { API_BASE, type Scope } from '@millrace/contracts';
import { insufficientScope } from '@millrace/service-kit';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { etagOf } from '../http/etag.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { toDraftResource, toRecentRun, toSummaryResource, toWorkflowResource } from './resource.js';
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
  | 'saveDraft'
  | 'restoreWorkflow';

/** Who may bring deleted workflows back may see them. */
const RESTORING: Scope = 'workflow:delete';

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
      const { owner, recent_runs: recentRuns, ...filter } = query;
      const deleted = filter.deleted === 'true';
      if (deleted && !caller.scopes.includes(RESTORING)) throw insufficientScope(RESTORING);
      const { page, runs } = await db.asCaller(asDatabaseCaller(caller), async (repositories) => {
        const ownerId =
          owner === undefined ? undefined : (await repositories.users.findByUsername(owner))?.id;
        if (owner !== undefined && ownerId === undefined) return { page: { items: [] } };
        const page = await repositories.workflows.list({ ...filter, deleted, ownerId });
        if (recentRuns === undefined) return { page };
        const ids = page.items.map(({ id }) => id);
        return { page, runs: await repositories.executions.recentRuns(ids, recentRuns) };
      });
      const body = page.items.map((item) => ({
        ...toSummaryResource(item),
        ...(runs && { recent_runs: (runs.get(item.id) ?? []).map(toRecentRun) }),
      }));
      return { status: 200, body, headers: nextPage(request, page.nextCursor) };
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

    restoreWorkflow: async ({ caller, params }) => {
      const workflow = await workflows.undelete(caller, params.id);
      return { status: 200, body: toWorkflowResource(workflow), headers: revisionOf(workflow) };
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

export function revisionOf({ revision }: Pick<WorkflowRecord, 'revision'>): { ETag: string } {
  return { ETag: etagOf(revision) };
}

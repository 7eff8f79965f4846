import type {
  CreateDraftRequest,
  CreateWorkflowRequest,
  JsonObject,
  patchWorkflowRequest,
  UpdateWorkflowRequest,
} from '@millrace/contracts';
import type { CallerRepositories, DraftRecord, WorkflowRecord, WorkflowWrite } from '@millrace/persistence';
import {
  conflict,
  forbidden,
  invalidRequest,
  notFound,
  type Principal,
  staleRevision,
} from '@millrace/service-kit';
import type * as z from 'zod';
import { DENIED, explainHiddenWorkflow, requireWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { expectedRevision, matchesRevision } from '../http/etag.js';
import { checkCode } from './code-check.js';
import { checkDefinition, requireSameId } from './definition.js';

export interface Workflows {
  create(caller: Principal, body: CreateWorkflowRequest): Promise<WorkflowRecord>;
  createDraft(caller: Principal, body: CreateDraftRequest): Promise<WorkflowRecord>;
  get(caller: Principal, id: string): Promise<WorkflowRecord>;
  update(caller: Principal, id: string, body: UpdateWorkflowRequest, ifMatch?: string): Promise<Saved>;
  patch(
    caller: Principal,
    id: string,
    body: z.output<typeof patchWorkflowRequest>,
    ifMatch?: string,
  ): Promise<WorkflowRecord>;
  remove(caller: Principal, id: string): Promise<void>;
  /** Takes a deletion back; a workflow that is not deleted stays as it is. */
  undelete(caller: Principal, id: string): Promise<WorkflowRecord>;
  getDraft(caller: Principal, id: string): Promise<DraftRecord>;
  saveDraft(caller: Principal, id: string, definition: JsonObject, ifMatch?: string): Promise<DraftRecord>;
}

export interface Saved {
  workflow: WorkflowRecord;
  published: boolean;
}

export function createWorkflows({ db, codeChecker }: Pick<GatewayContext, 'db' | 'codeChecker'>): Workflows {
  function asCaller<T>(
    caller: Principal,
    work: (repositories: CallerRepositories) => Promise<T>,
  ): Promise<T> {
    return db.asCaller(asDatabaseCaller(caller), work);
  }

  async function get(caller: Principal, id: string): Promise<WorkflowRecord> {
    const found = await asCaller(caller, ({ workflows }) => workflows.get(id));
    if (!found) throw await explainHiddenWorkflow(db, id, DENIED.workflow);
    return found;
  }

  async function saved(id: string, write: WorkflowWrite): Promise<Saved> {
    if (write.kind === 'saved') return write;
    if (write.kind === 'stale') throw stale(id, write.revision);
    throw await explainHiddenWorkflow(db, id, DENIED.workflow);
  }

  return {
    get,

    async create(caller, body) {
      const { definition, fingerprint } = checkDefinition(body);
      await checkCode(codeChecker, definition);
      const outcome = await asCaller(caller, async ({ workflows, users }) => {
        const ownerId = await ownerOf(caller, body.owner, users);
        return workflows.create({ id: body.id, ownerId, definition, fingerprint });
      });
      if (outcome.kind === 'taken') throw conflict(`The workflow id ${body.id ?? ''} is taken`);
      return outcome.workflow;
    },

    async createDraft(caller, body) {
      const outcome = await asCaller(caller, async ({ workflows, users, drafts }) => {
        const ownerId = await ownerOf(caller, body.owner, users);
        const created = await workflows.createUnpublished({ id: body.id, ownerId, name: body.name });
        if (created.kind === 'created' && body.definition !== undefined) {
          await drafts.put(created.workflow.id, body.definition);
        }
        return created;
      });
      if (outcome.kind === 'taken') throw conflict(`The workflow id ${body.id ?? ''} is taken`);
      return outcome.workflow;
    },

    async update(caller, id, body, ifMatch) {
      const { definition, fingerprint } = checkDefinition(body);
      await checkCode(codeChecker, definition);
      requireSameId(id, body.id, 'body');
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow });
      const outcome = await asCaller(caller, async ({ workflows, users, drafts }) => {
        const ownerId = await ownerOf(caller, body.owner, users);
        const expected = await expectation(workflows, id, ifMatch);
        const write = await workflows.save(id, {
          ...{ definition, fingerprint, ownerId },
          expectedRevision: expected,
        });
        if (write.kind === 'saved') await drafts.discard(id);
        return write;
      });
      return saved(id, outcome);
    },

    async patch(caller, id, body, ifMatch) {
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow });
      const outcome = await asCaller(caller, async ({ workflows, users }) => {
        const ownerId = await ownerOf(caller, body.owner, users);
        const expected = await expectation(workflows, id, ifMatch);
        return workflows.patch(id, { status: body.status, ownerId, expectedRevision: expected });
      });
      const { workflow } = await saved(id, outcome);
      if (body.status !== undefined && body.status !== workflow.status) {
        throw conflict(`Workflow ${id} has never been published; publish it first`);
      }
      return workflow;
    },

    async remove(caller, id) {
      const outcome = await asCaller(caller, ({ workflows }) => workflows.softDelete(id));
      if (outcome.kind !== 'deleted') throw await explainHiddenWorkflow(db, id, DENIED.workflow);
    },

    async undelete(caller, id) {
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow, deleted: true });
      const restored = await asCaller(caller, ({ workflows }) => workflows.undelete(id));
      if (!restored) throw await explainHiddenWorkflow(db, id, DENIED.workflow);
      return restored;
    },

    async getDraft(caller, id) {
      const draft = await asCaller(caller, ({ drafts }) => drafts.get(id));
      if (draft) return draft;
      await requireWorkflow(db, caller, id, { denied: DENIED.workflow });
      throw notFound('Draft of workflow', id);
    },

    async saveDraft(caller, id, definition, ifMatch) {
      const outcome = await asCaller(caller, async ({ drafts, workflows }) => {
        const current = ((await drafts.get(id)) ?? (await workflows.get(id)))?.revision ?? 0;
        if (!matchesRevision(ifMatch, current)) return { kind: 'stale', revision: current } as const;
        return drafts.put(id, definition, ifMatch === undefined ? undefined : current);
      });
      if (outcome.kind === 'saved') return outcome.draft;
      if (outcome.kind === 'unknown') throw await explainHiddenWorkflow(db, id, DENIED.workflow);
      throw staleRevision(
        `What is edited of workflow ${id} is at revision ${outcome.revision}; load it and repeat the change`,
      );
    },
  };
}

/** The id of the user named as `owner`. Only admins give workflows to others; naming oneself is no gift. */
async function ownerOf(
  caller: Principal,
  owner: string | undefined,
  users: CallerRepositories['users'],
): Promise<string | undefined> {
  if (owner === undefined) return undefined;
  const isOneself = owner.toLowerCase() === caller.username.toLowerCase();
  if (!caller.admin && isOneself) return undefined;
  if (!caller.admin) throw forbidden('Only an admin can make someone else the owner of a workflow');
  const user = await users.findByUsername(owner);
  if (user) return user.id;
  throw invalidRequest([{ loc: ['body', 'owner'], msg: `there is no user ${owner}`, type: 'unknown_user' }]);
}

/** What the write is to compare with; a list of revisions or a `*` is compared here with the one of this moment. */
export async function expectation(
  workflows: CallerRepositories['workflows'],
  id: string,
  ifMatch: string | undefined,
): Promise<number | undefined> {
  if (ifMatch === undefined) return undefined;
  const named = expectedRevision(ifMatch);
  if (named !== undefined) return named;
  const current = (await workflows.get(id))?.revision;
  if (current !== undefined && !matchesRevision(ifMatch, current)) throw stale(id, current);
  return current;
}

export function stale(id: string, revision: number): Error {
  return staleRevision(`Workflow ${id} is at revision ${revision}; load it and repeat the change`);
}

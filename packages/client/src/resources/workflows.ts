import {
  draftResource,
  type ExecuteBatchResponse,
  executeBatchResponse,
  executeResponse,
  executionResource,
  versionResource,
  versionSummary,
  workflowResource,
  workflowSummary,
  type DraftResource,
  type ExecuteResponse,
  type ExecutionResource,
  type JsonObject,
  type callbackRequest,
  type VersionResource,
  type VersionSummary,
  type WorkflowResource,
  type WorkflowSummary,
  type createDraftRequest,
  type createWorkflowRequest,
  type executeBatchRequest,
  type listWorkflowExecutionsQuery,
  type listWorkflowsQuery,
  type patchWorkflowRequest,
  type updateWorkflowRequest,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { PageQuery } from './users.js';
import type { CallOptions, RequestSpec } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type ListWorkflowsQuery = QueryOf<typeof listWorkflowsQuery>;
export type ListWorkflowExecutionsQuery = QueryOf<typeof listWorkflowExecutionsQuery>;

export interface WriteOptions extends CallOptions {
  /** The `revision` the change was made on; a newer one on the server is refused with 412 `stale_revision`. */
  readonly ifMatch?: number | undefined;
}
export interface ExecuteOptions extends CallOptions {
  /** Makes the submission repeatable: the same key and parameters answer with the same execution. */
  readonly idempotencyKey?: string | undefined;
  /** Whom to tell of the end, instead of the workflow's own callback; null tells nobody. */
  readonly callback?: z.input<typeof callbackRequest> | null | undefined;
}
export interface StartOptions extends ExecuteOptions {
  /** Only this step and those from which a path leads to it run; the result is its output. */
  readonly untilStep?: string | undefined;
}
export type BatchItem = z.input<typeof executeBatchRequest>['items'][number];

export interface WorkflowsApi {
  create(definition: z.input<typeof createWorkflowRequest>, options?: CallOptions): Promise<WorkflowResource>;
  /** Makes one that is still being drawn: without steps, and taking no executions until `update` publishes it. */
  createDraft(draft: z.input<typeof createDraftRequest>, options?: CallOptions): Promise<WorkflowResource>;
  /** One page, newest first unless `sort` says otherwise, without nodes and edges. */
  list(query?: ListWorkflowsQuery, options?: CallOptions): Promise<Page<WorkflowSummary>>;
  /** All of them, page after page as they are consumed. */
  listAll(
    query?: ListWorkflowsQuery,
    options?: CallOptions,
  ): AsyncGenerator<WorkflowSummary, void, undefined>;
  get(id: string, options?: CallOptions): Promise<WorkflowResource>;
  /** Replaces and publishes: a new version when the graph or configuration changed. */
  update(
    id: string,
    definition: z.input<typeof updateWorkflowRequest>,
    options?: WriteOptions,
  ): Promise<WorkflowResource>;
  /** Throws 404 when nothing unpublished is there. */
  getDraft(id: string, options?: CallOptions): Promise<DraftResource>;
  /** Autosaves without publishing: any JSON object, for what is being drawn need not be valid yet. */
  saveDraft(id: string, definition: JsonObject, options?: WriteOptions): Promise<DraftResource>;
  /** Archives, reactivates or transfers. */
  patch(
    id: string,
    change: z.input<typeof patchWorkflowRequest>,
    options?: WriteOptions,
  ): Promise<WorkflowResource>;
  /** Soft: running executions finish and history stays readable. */
  delete(id: string, options?: WriteOptions): Promise<void>;
  /** Takes a deletion back; one that is not deleted stays as it is. */
  restore(id: string, options?: CallOptions): Promise<WorkflowResource>;
  /** What was published, newest first, without the graphs. */
  versions(id: string, query?: PageQuery, options?: CallOptions): Promise<Page<VersionSummary>>;
  /** As it was published, positions and labels included. */
  version(id: string, version: number, options?: CallOptions): Promise<VersionResource>;
  /** Publishes the content of an earlier version as a new one. */
  restoreVersion(id: string, version: number, options?: WriteOptions): Promise<WorkflowResource>;
  execute(id: string, parameters?: JsonObject, options?: StartOptions): Promise<ExecuteResponse>;
  /**
   * Tests the draft, or where there is none what is published: pinned outputs stand in for their steps. `ifMatch` is
   * the revision of the draft.
   */
  executeDraft(
    id: string,
    parameters?: JsonObject,
    options?: StartOptions & WriteOptions,
  ): Promise<ExecuteResponse>;
  /**
   * Up to 500 executions at once: all are admitted or none, but for `conflicts`, whose key another request took at the
   * same moment. Repeated only when every item has an idempotency key.
   */
  executeBatch(
    id: string,
    items: BatchItem[],
    options?: CallOptions & Pick<ExecuteOptions, 'callback'>,
  ): Promise<ExecuteBatchResponse>;
  executions(
    id: string,
    query?: ListWorkflowExecutionsQuery,
    options?: CallOptions,
  ): Promise<Page<ExecutionResource>>;
}

export function workflowsApi(calls: JsonCalls): WorkflowsApi {
  const list: WorkflowsApi['list'] = (query, options) =>
    calls.page(workflowSummary, { method: 'GET', path: '/workflows', query }, options);
  const write = <S extends z.ZodType>(
    schema: S,
    spec: Pick<RequestSpec, 'method' | 'path' | 'body'>,
    options: WriteOptions = {},
  ): Promise<z.output<S>> =>
    calls.get(
      schema,
      // With If-Match the repetition of a write whose answer was lost would be refused as stale.
      { ...spec, headers: matching(options), repeatable: options.ifMatch === undefined },
      options,
    );
  const start = (
    address: string,
    parameters: JsonObject,
    { callback, idempotencyKey, untilStep, ...options }: StartOptions & WriteOptions,
  ): Promise<ExecuteResponse> =>
    calls.get(
      executeResponse,
      {
        method: 'POST',
        path: address,
        body: {
          parameters,
          ...(untilStep !== undefined && { until_step: untilStep }),
          ...(callback !== undefined && { callback }),
        },
        headers: {
          ...matching(options),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        repeatable: idempotencyKey !== undefined,
      },
      options,
    );
  return {
    create: (definition, options) =>
      calls.get(
        workflowResource,
        { method: 'POST', path: '/workflows/visual/create', body: definition },
        options,
      ),
    createDraft: (draft, options) =>
      calls.get(workflowResource, { method: 'POST', path: '/workflows/drafts', body: draft }, options),
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    get: (id, options) =>
      calls.get(workflowResource, { method: 'GET', path: path('workflows', id) }, options),
    update: (id, body, options) =>
      write(workflowResource, { method: 'PUT', path: path('workflows', id), body }, options),
    getDraft: (id, options) =>
      calls.get(draftResource, { method: 'GET', path: path('workflows', id, 'draft') }, options),
    saveDraft: (id, body, options) =>
      write(draftResource, { method: 'PUT', path: path('workflows', id, 'draft'), body }, options),
    patch: (id, body, options) =>
      write(workflowResource, { method: 'PATCH', path: path('workflows', id), body }, options),
    delete: (id, options = {}) =>
      calls.discard({ method: 'DELETE', path: path('workflows', id), headers: matching(options) }, options),
    restore: (id, options) =>
      calls.get(
        workflowResource,
        { method: 'POST', path: path('workflows', id, 'restore'), repeatable: true },
        options,
      ),
    versions: (id, query, options) =>
      calls.page(versionSummary, { method: 'GET', path: path('workflows', id, 'versions'), query }, options),
    version: (id, version, options) =>
      calls.get(
        versionResource,
        { method: 'GET', path: path('workflows', id, 'versions', String(version)) },
        options,
      ),
    restoreVersion: (id, version, options) =>
      write(
        workflowResource,
        { method: 'POST', path: path('workflows', id, 'versions', String(version), 'restore') },
        options,
      ),
    execute: (id, parameters = {}, options = {}) =>
      start(path('workflows', id, 'execute'), parameters, options),
    executeDraft: (id, parameters = {}, options = {}) =>
      start(path('workflows', id, 'draft', 'execute'), parameters, options),
    executeBatch: (id, items, options = {}) =>
      calls.get(
        executeBatchResponse,
        {
          method: 'POST',
          path: path('workflows', id, 'execute', 'batch'),
          body: { items, ...(options.callback !== undefined && { callback: options.callback }) },
          repeatable: items.every((item) => item.idempotency_key !== undefined),
        },
        options,
      ),
    executions: (id, query, options) =>
      calls.page(
        executionResource,
        { method: 'GET', path: path('workflows', id, 'executions'), query },
        options,
      ),
  };
}

function matching(options: WriteOptions): Record<string, string> {
  return options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` };
}

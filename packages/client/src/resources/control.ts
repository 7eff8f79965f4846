import {
  bulkResponse,
  deadLetter,
  discardResponse,
  executionResource,
  retryResponse,
  type bulkRequest,
  type BulkResponse,
  type DeadLetter,
  type ExecutionResource,
  type listDeadLettersQuery,
  type redriveRequest,
  type rerunRequest,
  type retryRequest,
  type RetryResponse,
  type skipRequest,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';
import type { PageQuery } from './users.js';
import type { ExecuteOptions } from './workflows.js';

export type ListDeadLettersQuery = QueryOf<typeof listDeadLettersQuery>;

/** Steering executions and repeating them. */
export interface ControlApi {
  /**
   * Answers within about 5 s with the execution as it is then: `paused`, or still running when its worker needs longer.
   * Throws 409 for one that has ended; so does `resume`.
   */
  pause(id: string, options?: CallOptions): Promise<ExecutionResource>;
  resume(id: string, options?: CallOptions): Promise<ExecutionResource>;
  /** Gives up a step without an outcome. Throws 404 for an unknown step, 409 for one that has an outcome. */
  skipStep(
    id: string,
    stepId: string,
    skip?: z.input<typeof skipRequest>,
    options?: CallOptions,
  ): Promise<ExecutionResource>;
  /** A new execution that goes on where a failed, cancelled or timed out one ended. */
  retry(id: string, changes?: z.input<typeof retryRequest>, options?: ExecuteOptions): Promise<RetryResponse>;
  /** A new execution out of any finished one, from `from_step` or from the beginning. */
  rerun(id: string, changes?: z.input<typeof rerunRequest>, options?: ExecuteOptions): Promise<RetryResponse>;
  /**
   * At most 1,000 in a call: while the answer says `more`, call again. `dryRun` only counts. With a key a retry by ids
   * makes one new execution of each, however often it is sent.
   */
  bulk(
    request: z.input<typeof bulkRequest>,
    options?: ExecuteOptions & { readonly dryRun?: boolean | undefined },
  ): Promise<BulkResponse>;
}

/** Failures that nobody has dealt with, in groups of one cause. */
export interface DeadLettersApi {
  /** One page, the group with the latest failure first. */
  list(query?: ListDeadLettersQuery, options?: CallOptions): Promise<Page<DeadLetter>>;
  listAll(query?: ListDeadLettersQuery, options?: CallOptions): AsyncGenerator<DeadLetter, void, undefined>;
  executions(fingerprint: string, query?: PageQuery, options?: CallOptions): Promise<Page<ExecutionResource>>;
  /** Retries each; while the answer says `more`, call again. */
  redrive(
    fingerprint: string,
    request?: z.input<typeof redriveRequest>,
    options?: CallOptions,
  ): Promise<BulkResponse>;
  /** How many left the list. */
  discard(fingerprint: string, options?: CallOptions): Promise<number>;
}

export function controlApi(calls: JsonCalls): ControlApi {
  const at = (id: string, ...rest: string[]): string => path('executions', id, ...rest);
  const steer = (id: string, verb: 'pause' | 'resume', options?: CallOptions): Promise<ExecutionResource> =>
    calls.get(executionResource, { method: 'POST', path: at(id, verb), repeatable: true }, options);
  const again = (
    id: string,
    verb: 'retry' | 'rerun',
    body: object,
    { idempotencyKey, ...options }: ExecuteOptions = {},
  ): Promise<RetryResponse> =>
    calls.get(
      retryResponse,
      {
        method: 'POST',
        path: at(id, verb),
        body,
        headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
        repeatable: idempotencyKey !== undefined,
      },
      options,
    );
  return {
    pause: (id, options) => steer(id, 'pause', options),
    resume: (id, options) => steer(id, 'resume', options),
    skipStep: (id, stepId, skip = {}, options) =>
      calls.get(
        executionResource,
        { method: 'POST', path: at(id, 'steps', stepId, 'skip'), body: skip },
        options,
      ),
    retry: (id, changes = {}, options) => again(id, 'retry', changes, options),
    rerun: (id, changes = {}, options) => again(id, 'rerun', changes, options),
    bulk: (request, { dryRun, idempotencyKey, ...options } = {}) =>
      calls.get(
        bulkResponse,
        {
          method: 'POST',
          path: path('executions', 'bulk'),
          body: request,
          headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
          repeatable: idempotencyKey !== undefined,
          ...(dryRun === true && { query: { dry_run: 'true' } }),
        },
        options,
      ),
  };
}

export function deadLettersApi(calls: JsonCalls): DeadLettersApi {
  const at = (...rest: string[]): string => path('dead-letters', ...rest);
  const list: DeadLettersApi['list'] = (query, options) =>
    calls.page(deadLetter, { method: 'GET', path: at(), query }, options);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    executions: (fingerprint, query, options) =>
      calls.page(executionResource, { method: 'GET', path: at(fingerprint, 'executions'), query }, options),
    redrive: (fingerprint, request = {}, options) =>
      calls.get(bulkResponse, { method: 'POST', path: at(fingerprint, 'redrive'), body: request }, options),
    discard: async (fingerprint, options) =>
      (await calls.get(discardResponse, { method: 'POST', path: at(fingerprint, 'discard') }, options))
        .discarded,
  };
}

import {
  secretDetails,
  secretResource,
  type listSecretsQuery,
  type putSecretRequest,
  type secretQuery,
  type SecretDetails,
  type SecretResource,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type SecretQuery = QueryOf<typeof secretQuery>;
export type ListSecretsQuery = QueryOf<typeof listSecretsQuery>;

export interface SecretsApi {
  /** One page, by name. */
  list(query?: ListSecretsQuery, options?: CallOptions): Promise<Page<SecretResource>>;
  listAll(query?: ListSecretsQuery, options?: CallOptions): AsyncGenerator<SecretResource, void, undefined>;
  /** All that is known of it but its value, and the workflows that name it. */
  get(name: string, query?: SecretQuery, options?: CallOptions): Promise<SecretDetails>;
  /** Creates it, or gives it a new value, which nobody can read back. `version` 1: it is new. */
  put(
    name: string,
    secret: z.input<typeof putSecretRequest>,
    query?: SecretQuery,
    options?: CallOptions,
  ): Promise<SecretResource>;
  delete(name: string, query?: SecretQuery, options?: CallOptions): Promise<void>;
}

export function secretsApi(calls: JsonCalls): SecretsApi {
  const list: SecretsApi['list'] = (query, options) =>
    calls.page(secretResource, { method: 'GET', path: '/secrets', query }, options);
  const at = (name: string): string => path('secrets', name);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    get: (name, query, options) =>
      calls.get(secretDetails, { method: 'GET', path: at(name), query }, options),
    put: (name, secret, query, options) =>
      calls.get(secretResource, { method: 'PUT', path: at(name), query, body: secret }, options),
    delete: (name, query, options) => calls.discard({ method: 'DELETE', path: at(name), query }, options),
  };
}

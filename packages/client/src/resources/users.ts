import {
  apiKeyResource,
  createdApiKey,
  userResource,
  type ApiKeyResource,
  type UserResource,
  type createApiKeyRequest,
  type createUserRequest,
  type pageQuery,
  type updateUserRequest,
} from '@millrace/contracts';
import type * as z from 'zod';
import type { JsonCalls, Page } from '../http/json.js';
import type { CallOptions } from '../http/transport.js';
import { path, type QueryOf } from '../http/url.js';
import { walk } from '../http/walk.js';

export type PageQuery = QueryOf<typeof pageQuery>;

export interface UsersApi {
  /** One page, by name. */
  list(query?: PageQuery, options?: CallOptions): Promise<Page<UserResource>>;
  listAll(query?: PageQuery, options?: CallOptions): AsyncGenerator<UserResource, void, undefined>;
  get(username: string, options?: CallOptions): Promise<UserResource>;
  create(user: z.input<typeof createUserRequest>, options?: CallOptions): Promise<UserResource>;
  update(
    username: string,
    change: z.input<typeof updateUserRequest>,
    options?: CallOptions,
  ): Promise<UserResource>;
}

export function usersApi(calls: JsonCalls): UsersApi {
  const list: UsersApi['list'] = (query, options) =>
    calls.page(userResource, { method: 'GET', path: '/users', query }, options);
  return {
    list,
    listAll: (query, options) => walk((cursor) => list({ ...query, ...(cursor && { cursor }) }, options)),
    get: (username, options) =>
      calls.get(userResource, { method: 'GET', path: path('users', username) }, options),
    create: (user, options) =>
      calls.get(userResource, { method: 'POST', path: '/users', body: user }, options),
    update: (username, change, options) =>
      calls.get(
        userResource,
        { method: 'PATCH', path: path('users', username), body: change, repeatable: true },
        options,
      ),
  };
}

export interface ApiKeysApi {
  list(options?: CallOptions): Promise<ApiKeyResource[]>;
  /** The answer's `key` is shown this once and never again. */
  create(
    key: z.input<typeof createApiKeyRequest>,
    options?: CallOptions,
  ): Promise<z.output<typeof createdApiKey>>;
  delete(id: string, options?: CallOptions): Promise<void>;
}

export function apiKeysApi(calls: JsonCalls): ApiKeysApi {
  return {
    list: async (options) =>
      (await calls.page(apiKeyResource, { method: 'GET', path: '/api-keys' }, options)).items,
    create: (key, options) =>
      calls.get(createdApiKey, { method: 'POST', path: '/api-keys', body: key }, options),
    delete: (id, options) => calls.discard({ method: 'DELETE', path: path('api-keys', id) }, options),
  };
}

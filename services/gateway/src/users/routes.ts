import type { GatewayContext } from '../context.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createUsers, toUserResource } from './service.js';

export function userHandlers(
  context: GatewayContext,
): Handlers<'listUsers' | 'createUser' | 'getUser' | 'updateUser'> {
  const users = createUsers(context);
  return {
    listUsers: async ({ query, request }) => {
      const { items, nextCursor } = await users.list(query);
      return { status: 200, body: items.map(toUserResource), headers: nextPage(request, nextCursor) };
    },
    createUser: async ({ caller, body }) => ({
      status: 201,
      body: toUserResource(await users.create(caller, body)),
    }),
    getUser: async ({ params }) => ({ status: 200, body: toUserResource(await users.get(params.name)) }),
    updateUser: async ({ caller, params, body }) => ({
      status: 200,
      body: toUserResource(await users.update(caller, params.name, body)),
    }),
  };
}

import type { CurrentUser } from '@millrace/contracts';
import { unauthenticated } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import type { Handlers } from '../http/route.js';
import { createSessions } from './service.js';

export function authHandlers(
  context: GatewayContext,
): Handlers<'login' | 'loginJson' | 'refreshSession' | 'logout' | 'currentUser'> {
  const sessions = createSessions(context);
  return {
    login: async ({ body, request }) => ({ status: 200, body: await sessions.logIn(body, request.ip ?? '') }),
    loginJson: async ({ body, request }) => ({
      status: 200,
      body: await sessions.logIn(body, request.ip ?? ''),
    }),
    refreshSession: async ({ body }) => ({ status: 200, body: await sessions.refresh(body.refresh_token) }),
    logout: async ({ body }) => {
      await sessions.logOut(body.refresh_token);
      return { status: 204 };
    },
    currentUser: async ({ caller }) => {
      const user = await context.db.asPlatform(({ users }) => users.findById(caller.userId));
      if (!user) throw unauthenticated('Could not validate credentials');
      const { username, email, fullName, disabled } = user;
      const body: CurrentUser = {
        ...{ username, email, disabled },
        full_name: fullName,
        scopes: [...caller.scopes],
      };
      return { status: 200, body };
    },
  };
}

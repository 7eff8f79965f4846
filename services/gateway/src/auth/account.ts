import type { changePasswordRequest, CurrentUser, updateMeRequest } from '@millrace/contracts';
import type { LoginSession, Page, PageRequest, SeenFrom, User } from '@millrace/persistence';
import {
  hashSecret,
  invalidRequest,
  notFound,
  type Principal,
  randomSecret,
  unauthenticated,
} from '@millrace/service-kit';
import type * as z from 'zod';
import type { GatewayContext } from '../context.js';
import { issue, type Issued } from './issued.js';
import { provePassword } from './proof.js';
import { SESSION_SECONDS } from './service.js';

type PasswordChange = z.output<typeof changePasswordRequest>;
type Changes = z.output<typeof updateMeRequest>;

/** What people do with their own account. API keys are kept out by the contract. */
export interface Account {
  read(caller: Principal): Promise<CurrentUser>;
  update(caller: Principal, changes: Changes): Promise<CurrentUser>;
  /** Ends the other sessions and answers new tokens for this one. 422 for a wrong current password, 429 after too many. */
  changePassword(caller: Principal, change: PasswordChange, seen: SeenFrom): Promise<Issued>;
  sessions(caller: Principal, page: PageRequest): Promise<Page<LoginSession>>;
  /** 404 for a session that has ended, is somebody else's, or never was. */
  endSession(caller: Principal, id: string): Promise<void>;
  endAllSessions(caller: Principal): Promise<void>;
}

type Needs = Pick<GatewayContext, 'db' | 'authenticator' | 'passwords'>;

export function createAccount({ db, authenticator, passwords }: Needs): Account {
  return {
    async read(caller) {
      return toCurrentUser(caller, await db.asPlatform(({ users }) => users.findById(caller.userId)));
    },

    async update(caller, { email, full_name: fullName }) {
      const updated = await db.asPlatform(({ users }) =>
        users.update(caller.userId, { email, fullName }, caller.userId),
      );
      return toCurrentUser(caller, updated);
    },

    changePassword: (caller, { current_password: password, new_password: wanted }, seen) =>
      passwords.inTurn(async () => {
        const { username } = caller;
        const address = seen.address ?? '';
        const user = await provePassword({ db, passwords }, { username, password, address });
        if (!user) throw wrongPassword();
        const { id: userId, sessionVersion } = user;
        const passwordHash = await passwords.hash(wanted);
        const refreshToken = randomSecret();
        const tokenHash = hashSecret(refreshToken);
        const session = await db.asPlatform(
          async ({ loginFailures, sessions, users }) => {
            const changed = await users.changePassword(userId, { passwordHash, sessionVersion });
            // Somebody else changed it while it was being checked, so it is not theirs any more.
            if (changed === undefined) throw wrongPassword();
            await loginFailures.clear(username, address);
            const { sessionId } = caller;
            await sessions.endAll(userId, sessionId ?? undefined);
            if (sessionId !== null) return sessions.renew(sessionId, tokenHash);
            // A token from before there were sessions: one begins here.
            const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000);
            const begin = { userId, sessionVersion: changed, tokenHash, expiresAt, ...seen };
            const begun = await sessions.begin(begin);
            return begun && { ...begun, userId, sessionVersion: changed, expiresAt };
          },
          { atomic: true },
        );
        authenticator.forget(userId);
        // Ended from elsewhere in this moment. The new password stands.
        if (!session) throw unauthenticated('Could not validate credentials');
        return issue(authenticator, session, refreshToken);
      }),

    sessions: (caller, page) => db.asPlatform(({ sessions }) => sessions.list(caller.userId, page)),

    async endSession(caller, id) {
      if (!(await db.asPlatform(({ sessions }) => sessions.end(caller.userId, id)))) {
        throw notFound('Session', id);
      }
      authenticator.forget(caller.userId);
    },

    async endAllSessions({ userId }) {
      await db.asPlatform(
        async ({ sessions, users }) => {
          await users.update(userId, { endSessions: true }, userId);
          await sessions.endAll(userId);
        },
        { atomic: true },
      );
      authenticator.forget(userId);
    },
  };
}

function toCurrentUser(caller: Principal, user: User | undefined): CurrentUser {
  if (!user) throw unauthenticated('Could not validate credentials');
  const { username, email, fullName, disabled } = user;
  return { ...{ username, email, disabled }, full_name: fullName, scopes: [...caller.scopes] };
}

/** Not 401: the token is good, and a client would renew it and ask again. */
function wrongPassword(): Error {
  return invalidRequest([
    { loc: ['body', 'current_password'], msg: 'is not the current password', type: 'wrong_password' },
  ]);
}

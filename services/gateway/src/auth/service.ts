import type { SeenFrom } from '@millrace/persistence';
import { forbidden, hashSecret, randomSecret, unauthenticated } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { issue, type Issued } from './issued.js';
import { provePassword } from './proof.js';

/** From the log-in on, however often the token is exchanged. */
export const SESSION_SECONDS = 14 * 24 * 3_600;

export interface Sessions {
  /** 401 for an unknown user and a wrong password alike, 403 for a disabled account, 429 after too many failures. */
  logIn(credentials: { username: string; password: string }, seen: SeenFrom): Promise<Issued>;
  /** Exchanges a refresh token. 401 for one that is unknown, ended or reused. */
  refresh(refreshToken: string, seen: SeenFrom): Promise<Issued>;
  /** Ends the session a refresh token belongs to; an unknown one is no error. */
  logOut(refreshToken: string): Promise<void>;
}

type Needs = Pick<GatewayContext, 'db' | 'authenticator' | 'passwords'>;

export function createSessions({ db, authenticator, passwords }: Needs): Sessions {
  async function end(userId: string, sessionId: string): Promise<void> {
    await db.asPlatform(({ sessions }) => sessions.end(userId, sessionId));
    authenticator.forget(userId);
  }

  return {
    logIn: ({ username, password }, seen) =>
      passwords.inTurn(async () => {
        const address = seen.address ?? '';
        const user = await provePassword({ db, passwords }, { username, password, address });
        if (!user) throw unauthenticated('Incorrect username or password');
        if (user.disabled) throw forbidden('This account is disabled');
        const refreshToken = randomSecret();
        const { id: userId, sessionVersion } = user;
        const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000);
        const begun = await db.asPlatform(async ({ loginFailures, sessions }) => {
          await loginFailures.clear(username, address);
          const tokenHash = hashSecret(refreshToken);
          return sessions.begin({ userId, sessionVersion, tokenHash, expiresAt, ...seen });
        });
        // The password was changed while it was being checked.
        if (!begun) throw unauthenticated('Incorrect username or password');
        return issue(authenticator, { ...begun, userId, sessionVersion, expiresAt }, refreshToken);
      }),

    async refresh(refreshToken, seen) {
      const successor = randomSecret();
      const rotation = await db.asPlatform(({ sessions }) =>
        sessions.rotate(hashSecret(refreshToken), hashSecret(successor), seen),
      );
      if (rotation.kind !== 'rotated' && rotation.kind !== 'forgiven') {
        if (rotation.kind === 'reused') authenticator.forget(rotation.userId);
        throw unauthenticated('Could not validate credentials');
      }
      const user = await db.asPlatform(({ users }) => users.findById(rotation.userId));
      if (!user || user.disabled) {
        await end(rotation.userId, rotation.sessionId);
        throw user
          ? forbidden('This account is disabled')
          : unauthenticated('Could not validate credentials');
      }
      return issue(authenticator, rotation, successor);
    },

    async logOut(refreshToken) {
      const session = await db.asPlatform(({ sessions }) => sessions.find(hashSecret(refreshToken)));
      if (session) await end(session.userId, session.sessionId);
    },
  };
}

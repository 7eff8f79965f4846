import type { AccessTokenResponse } from '@millrace/contracts';
import {
  ACCESS_TOKEN_SECONDS,
  forbidden,
  hashSecret,
  randomSecret,
  rateLimited,
  unauthenticated,
} from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';

/** From the log-in on, however often the token is exchanged. */
export const SESSION_SECONDS = 14 * 24 * 3_600;

/** The refresh token is apart: it is answered in the body or in a cookie. */
export interface Issued {
  tokens: AccessTokenResponse;
  refreshToken: string;
  /** The end of the session, which no exchange moves. */
  expiresAt: Date;
}

export interface Sessions {
  /** 401 for an unknown user and a wrong password alike, 403 for a disabled account, 429 after too many failures. */
  logIn(credentials: { username: string; password: string }, address: string): Promise<Issued>;
  /** Exchanges a refresh token. 401 for one that is unknown, ended or reused. */
  refresh(refreshToken: string): Promise<Issued>;
  /** Ends the session a refresh token belongs to; an unknown one is no error. */
  logOut(refreshToken: string): Promise<void>;
}

type Needs = Pick<GatewayContext, 'db' | 'authenticator' | 'passwords'>;

export function createSessions({ db, authenticator, passwords }: Needs): Sessions {
  function issued(userId: string, sessionVersion: number, refreshToken: string, expiresAt: Date): Issued {
    const tokens: AccessTokenResponse = {
      access_token: authenticator.issueAccessToken(userId, sessionVersion),
      token_type: 'bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
    };
    return { tokens, refreshToken, expiresAt };
  }

  return {
    logIn: ({ username, password }, address) =>
      passwords.inTurn(async () => {
        const { throttle, user } = await db.asPlatform(async ({ loginFailures, users }) => ({
          throttle: await loginFailures.check(username, address),
          user: await users.findByUsername(username),
        }));
        if (throttle.blocked) {
          const { retryAfterSeconds } = throttle;
          throw rateLimited(
            `Too many failed log-ins. Try again in ${retryAfterSeconds} seconds.`,
            retryAfterSeconds,
          );
        }
        const isRight = await passwords.verify(user?.passwordHash, password);
        if (!user || !isRight) {
          await db.asPlatform(({ loginFailures }) => loginFailures.record(username, address));
          throw unauthenticated('Incorrect username or password');
        }
        if (user.disabled) throw forbidden('This account is disabled');
        const refreshToken = randomSecret();
        const { id: userId, sessionVersion } = user;
        const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000);
        const session = await db.asPlatform(async ({ loginFailures, refreshTokens }) => {
          await loginFailures.clear(username, address);
          const tokenHash = hashSecret(refreshToken);
          return refreshTokens.issue({ userId, sessionVersion, tokenHash, expiresAt });
        });
        // The password was changed while it was being checked.
        if (!session) throw unauthenticated('Incorrect username or password');
        return issued(userId, sessionVersion, refreshToken, expiresAt);
      }),

    async refresh(refreshToken) {
      const successor = randomSecret();
      const rotation = await db.asPlatform(({ refreshTokens }) =>
        refreshTokens.rotate(hashSecret(refreshToken), hashSecret(successor)),
      );
      if (rotation.kind !== 'rotated' && rotation.kind !== 'forgiven') {
        throw unauthenticated('Could not validate credentials');
      }
      const user = await db.asPlatform(({ users }) => users.findById(rotation.userId));
      if (!user || user.disabled) {
        await db.asPlatform(({ refreshTokens }) => refreshTokens.revokeFamily(rotation.familyId));
        throw user
          ? forbidden('This account is disabled')
          : unauthenticated('Could not validate credentials');
      }
      return issued(user.id, rotation.sessionVersion, successor, rotation.expiresAt);
    },

    async logOut(refreshToken) {
      await db.asPlatform(async ({ refreshTokens }) => {
        const session = await refreshTokens.findFamily(hashSecret(refreshToken));
        if (session) await refreshTokens.revokeFamily(session.familyId);
      });
    },
  };
}

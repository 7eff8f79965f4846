import {
  ApiProblem,
  apiRoot,
  createClient,
  type Client,
  type Credentials,
  type TokenSource,
} from '@millrace/client';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';
import { credentialStore, type CredentialStore } from './store.js';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface Session {
  /** API root the client speaks to. */
  readonly root: string;
  readonly client: Client;
  readonly store: CredentialStore;
}

/** The platform and the identity of this command: options, then environment, then the stored log-in. */
export async function openSession(io: Io, options: { url?: string | undefined }): Promise<Session> {
  const store = credentialStore(io);
  const fromEnvironment = environmentCredentials(io.env);
  const given = options.url ?? (io.env['MILLRACE_URL'] || undefined);
  const stored = given === undefined || fromEnvironment === undefined ? await store.read() : { servers: {} };
  const root = checkedRoot(given ?? stored.current ?? DEFAULT_URL);
  const credentials = fromEnvironment ?? storedCredentials(store, root, stored.servers[root]?.access_token);
  return { root, store, client: createClient({ baseUrl: root, credentials }) };
}

export function checkedRoot(url: string): string {
  try {
    return apiRoot(url);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

function environmentCredentials(env: Io['env']): Credentials | undefined {
  const token = env['MILLRACE_TOKEN'];
  if (token) return { token };
  const apiKey = env['MILLRACE_API_KEY'];
  return apiKey ? { apiKey } : undefined;
}

/**
 * The stored log-in. Refresh tokens are single use and several commands may run at once, so a renewal holds the store's
 * lock and first looks whether another process has renewed already: spending a refresh token twice would end the
 * session for all of them.
 */
function storedCredentials(
  store: CredentialStore,
  root: string,
  accessToken: string | undefined,
): TokenSource | undefined {
  if (accessToken === undefined) return undefined;
  const anonymous = createClient({ baseUrl: root });
  let present: string | undefined = accessToken;
  let flight: Promise<string | undefined> | undefined;

  const obtain = async (stale: string): Promise<string | undefined> => {
    let renewed: string | undefined;
    await store.update(async (credentials) => {
      const login = credentials.servers[root];
      if (login === undefined) return credentials;
      if (login.access_token !== stale) {
        renewed = login.access_token;
        return credentials;
      }
      const tokens = await anonymous.auth.refresh(login.refresh_token).catch((error: unknown) => {
        if (error instanceof ApiProblem && error.status < 500 && error.status !== 429) return undefined;
        throw error;
      });
      if (tokens === undefined) return credentials;
      renewed = tokens.access_token;
      const { access_token, refresh_token } = tokens;
      const servers = { ...credentials.servers, [root]: { ...login, access_token, refresh_token } };
      return { ...credentials, servers };
    });
    present = renewed ?? present;
    return renewed;
  };

  return {
    current: () => Promise.resolve(present),
    renew(stale) {
      if (present !== stale) return Promise.resolve(present);
      flight ??= obtain(stale).finally(() => {
        flight = undefined;
      });
      return flight;
    },
  };
}

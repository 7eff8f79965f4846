import { problem, tokenResponse, type CurrentUser } from '@millrace/contracts';
import { api, queryClient } from './client';
import { setSession, useSession } from './session';
import { cookieTokens, holdTokens } from './tokens';

/** Sign-out reaches every tab: the others must not show what the person can no longer see. */
const tabs = new BroadcastChannel('millrace-session');
tabs.addEventListener('message', () => {
  forget();
});

/** Looks whether the cookie holds a session. Throws when the platform cannot be reached. */
export async function restoreSession(): Promise<void> {
  try {
    await enter();
  } catch (error) {
    if (useSession.getState().status === 'signed-out') return;
    throw error;
  }
}

/** Throws an Error with the words to show: wrong name or password, disabled account, throttled, unreachable. */
export async function signIn(username: string, password: string): Promise<CurrentUser> {
  const response = await fetch('/api/v1/auth/login/json?session=cookie', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const refusal = problem.safeParse(body);
    throw new Error(refusal.success ? refusal.data.detail : `The platform answered ${response.status}.`);
  }
  holdTokens(tokenResponse.omit({ refresh_token: true }).parse(body));
  return enter();
}

async function enter(): Promise<CurrentUser> {
  const user = await api.auth.me();
  const before = useSession.getState().user;
  // Somebody else signed in where the session had expired: nothing of the first person may be left.
  if (before && before.username !== user.username) queryClient.clear();
  setSession({ status: 'signed-in', user });
  return user;
}

/** Ends this session, or every session of the person. */
export async function signOut(everywhere = false): Promise<void> {
  if (everywhere) await fetch('/api/v1/auth/logout/all', { method: 'POST', headers: await bearer() });
  await fetch('/api/v1/auth/logout', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  tabs.postMessage('signed-out');
  forget();
}

async function bearer(): Promise<Record<string, string>> {
  const token = await cookieTokens.current();
  return {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

function forget(): void {
  holdTokens(undefined);
  queryClient.clear();
  setSession({ status: 'signed-out' });
}

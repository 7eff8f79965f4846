import { ApiProblem } from '@millrace/client';
import type { CurrentUser } from '@millrace/contracts';
import { api, queryClient } from './client';
import { setSession, useSession } from './session';

const IN_COOKIE = { session: 'cookie' } as const;

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
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
    setSession({ status: 'signed-out' });
  }
}

/** Throws an ApiProblem for a wrong name or password, a disabled account, and too many tries. */
export async function signIn(username: string, password: string): Promise<CurrentUser> {
  await api.auth.login({ username, password }, IN_COOKIE);
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
  if (everywhere) await api.auth.logoutAll();
  await api.auth.logout(IN_COOKIE);
  tabs.postMessage('signed-out');
  forget();
}

function forget(): void {
  queryClient.clear();
  setSession({ status: 'signed-out' });
}

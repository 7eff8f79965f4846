import type { CurrentUser, Scope } from '@millrace/contracts';
import { create } from 'zustand';
import { useShallow } from 'zustand/shallow';

/**
 * - `unknown`: just opened; the cookie may still hold a session.
 * - `expired`: the session ended while somebody was working. The page stays as it is, and a dialog asks to sign in again.
 */
export type SessionState =
  | { readonly status: 'unknown' | 'signed-out'; readonly user?: undefined }
  | { readonly status: 'signed-in' | 'expired'; readonly user: CurrentUser };

export const useSession = create<SessionState>(() => ({ status: 'unknown' }));

export const setSession = (state: SessionState): void => {
  useSession.setState(state, true);
};

/** The session could not be renewed. */
export function sessionEnded(): void {
  const { user } = useSession.getState();
  setSession(user === undefined ? { status: 'signed-out' } : { status: 'expired', user });
}

export interface Rights {
  readonly username: string;
  readonly isAdmin: boolean;
  can(scope: Scope): boolean;
  /** Undefined where it may be done, otherwise the words to show on the disabled control. */
  whyNot(scope: Scope): string | undefined;
}

/** What the person who is signed in may do. The server decides; this only spares them a refusal. */
export function useRights(): Rights {
  const { username, scopes } = useSession(
    useShallow(({ user }) => ({ username: user?.username ?? '', scopes: user?.scopes ?? NO_SCOPES })),
  );
  const can = (scope: Scope): boolean => scopes.includes(scope);
  return {
    username,
    can,
    isAdmin: can('platform:admin'),
    whyNot: (scope) =>
      can(scope) ? undefined : `You need the permission ${scope}. An administrator can grant it.`,
  };
}

const NO_SCOPES: readonly Scope[] = [];

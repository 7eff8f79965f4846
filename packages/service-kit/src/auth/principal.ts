import { scope, type Scope } from '@millrace/contracts';

/** Who is asking, and what they may do right now. Made by the authenticator only. */
export interface Principal {
  readonly userId: string;
  readonly username: string;
  /** What this credential may do: the user's scopes, cut down to the credential's own where it has a list. */
  readonly scopes: readonly Scope[];
  /** Holds `platform:admin`: reaches every owner's workflows and executions. */
  readonly admin: boolean;
  /** When the credential ends by itself; null for an API key without an end. */
  readonly expiresAt: Date | null;
  /** The list the credential was limited to, null for a log-in: what a later re-check starts from. */
  readonly ceiling: readonly Scope[] | null;
  /** The API key behind this, also behind a ticket that was made with one: revoking it ends the session. */
  readonly apiKeyId: string | null;
  /** The version of the user's sessions this belongs to; null behind an API key, which no new password ends. */
  readonly sessionVersion: number | null;
  /** The log-in this came of, also behind a ticket; null behind an API key. Ending it ends this. */
  readonly sessionId: string | null;
}

/**
 * `rejected`: unknown, malformed, expired or revoked, never said which. `disabled`: the proof was right and the account
 * is switched off.
 */
export type AuthenticationOutcome =
  { kind: 'authenticated'; principal: Principal } | { kind: 'rejected' } | { kind: 'disabled' };

export const REJECTED: AuthenticationOutcome = { kind: 'rejected' };

export function hasScope(principal: Principal, wanted: Scope): boolean {
  return principal.scopes.includes(wanted);
}

/** Scopes as the database holds them; those this version does not know give no rights. */
export function knownScopes(stored: readonly string[]): Scope[] {
  return stored.flatMap((text) => {
    const parsed = scope.safeParse(text);
    return parsed.success ? [parsed.data] : [];
  });
}

export interface Account {
  readonly userId: string;
  readonly username: string;
  readonly scopes: readonly Scope[];
  readonly disabled: boolean;
  readonly sessionVersion: number;
  /** Of the session that was asked about; true where none was. */
  readonly sessionIsLive: boolean;
}

export interface CredentialLimits {
  readonly expiresAt: Date | null;
  readonly ceiling: readonly Scope[] | null;
  readonly apiKeyId: string | null;
  readonly sessionVersion: number | null;
  readonly sessionId: string | null;
}

/** What an account may do through a credential. An expired or ended credential is rejected. */
export function admit(account: Account | undefined, limits: CredentialLimits): AuthenticationOutcome {
  if (!account) return REJECTED;
  if (limits.expiresAt && limits.expiresAt.getTime() <= Date.now()) return REJECTED;
  if (account.disabled) return { kind: 'disabled' };
  if (limits.sessionVersion !== null && limits.sessionVersion !== account.sessionVersion) return REJECTED;
  if (!account.sessionIsLive) return REJECTED;
  const { ceiling } = limits;
  const scopes = ceiling ? account.scopes.filter((held) => ceiling.includes(held)) : account.scopes;
  return {
    kind: 'authenticated',
    principal: {
      userId: account.userId,
      username: account.username,
      scopes,
      admin: scopes.includes('platform:admin'),
      ...limits,
    },
  };
}

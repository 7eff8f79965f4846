import type { TokenSource } from '../auth/token-source.js';
import type { Connection } from './connection.js';

/** Renew this long before the server would close the socket with 4401. */
const MARGIN_MS = 30_000;
const MIN_DELAY_MS = 1_000;
/** The longest timer a runtime can set. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Sends a fresh token over an open connection shortly before its present one expires, as long as the token source knows
 * when that is, and at once where another took its place, as after a new password. A failed renewal is left to the 4401 that follows. Returns the function that stops it.
 */
export function keepAuthorized(
  tokens: TokenSource,
  connection: Connection,
  token: string | undefined,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const plan = (present: string): void => {
    const left = tokens.expiresInMs?.();
    if (left === undefined || stopped) return;
    const delay = Math.min(Math.max(left - MARGIN_MS, MIN_DELAY_MS), MAX_DELAY_MS);
    timer = setTimeout(() => void renew(present), delay);
  };
  const renew = async (present: string): Promise<void> => {
    const next = await tokens.renew(present).catch(() => undefined);
    if (next === undefined || stopped) return;
    connection.send({ type: 'auth', token: next });
    plan(next);
  };

  if (token !== undefined) plan(token);
  const forget = tokens.onAdopted?.((adopted) => {
    clearTimeout(timer);
    connection.send({ type: 'auth', token: adopted });
    plan(adopted);
  });
  return () => {
    stopped = true;
    forget?.();
    clearTimeout(timer);
  };
}

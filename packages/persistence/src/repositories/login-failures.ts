import type { Session } from './session.js';

/** Failures within the window after which log-in is refused for a time. */
export const MAX_FAILURES = 10;
export const WINDOW_SECONDS = 15 * 60;
/** The first block's length; each further failure doubles it, up to the longest. */
export const FIRST_BLOCK_SECONDS = 30;
export const LONGEST_BLOCK_SECONDS = 60 * 60;

/** `retryAfterSeconds` is 0 when log-in is allowed, else at least 1. */
export interface LoginThrottle {
  blocked: boolean;
  retryAfterSeconds: number;
}

/** Counts failed log-ins per user name (letter case aside) and address; unknown names count like known ones. */
export interface LoginFailureRepository {
  check(username: string, address: string): Promise<LoginThrottle>;
  /**
   * Counts one failure. The tenth within 15 minutes blocks for 30 s; each one after that, made when a block is over,
   * blocks twice as long, an hour at most. The count is forgotten 15 minutes after the first failure, or after the
   * end of the last block.
   */
  record(username: string, address: string): Promise<LoginThrottle>;
  /** Forgets the failures, after a log-in that succeeded. */
  clear(username: string, address: string): Promise<void>;
}

interface Count {
  wait_seconds: number;
}

const WAIT =
  'ceil(greatest(0, extract(epoch FROM coalesce(blocked_until, now()) - now())))::int AS wait_seconds';

function toThrottle(row: Count | undefined): LoginThrottle {
  const retryAfterSeconds = row?.wait_seconds ?? 0;
  return { blocked: retryAfterSeconds > 0, retryAfterSeconds };
}

/** Any bytes may come as a user name; the key is bounded and storable, and never equal for two real names. */
function keyOf(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toLowerCase().slice(0, 200);
}

export function loginFailureRepository(session: Session): LoginFailureRepository {
  return {
    async check(username, address) {
      const [row] = await session.rows<Count>(
        `SELECT ${WAIT} FROM login_failures WHERE username = $1 AND address = $2`,
        [keyOf(username), keyOf(address)],
      );
      return toThrottle(row);
    },

    async record(username, address) {
      const [row] = await session.rows<Count>(RECORD, [
        keyOf(username),
        keyOf(address),
        MAX_FAILURES,
        WINDOW_SECONDS,
        FIRST_BLOCK_SECONDS,
        LONGEST_BLOCK_SECONDS,
      ]);
      return toThrottle(row);
    },

    async clear(username, address) {
      await session.affected('DELETE FROM login_failures WHERE username = $1 AND address = $2', [
        keyOf(username),
        keyOf(address),
      ]);
    },
  };
}

/** The exponent is capped well before the power could overflow. */
const RECORD = `
  INSERT INTO login_failures AS f (username, address, failures, window_ends_at)
  VALUES ($1, $2, 1, now() + make_interval(secs => $4))
  ON CONFLICT (username, address) DO UPDATE SET (failures, window_ends_at, blocked_until) = (
    SELECT n.failures,
      CASE
        WHEN n.failures = 1 THEN now() + make_interval(secs => $4)
        WHEN n.block IS NULL THEN f.window_ends_at
        ELSE now() + n.block + make_interval(secs => $4)
      END,
      now() + n.block
    FROM (
      SELECT c.failures, CASE WHEN c.failures >= $3 THEN
        make_interval(secs => least($6::float8, $5::float8 * power(2, least(c.failures - $3, 20)))) END AS block
      FROM (SELECT CASE WHEN f.window_ends_at <= now() THEN 1 ELSE f.failures + 1 END AS failures) c
    ) n
  )
  RETURNING ${WAIT}`;

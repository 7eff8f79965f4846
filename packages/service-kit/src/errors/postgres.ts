/** Which failures mean that the database is away or busy for a moment, rather than that a query was wrong. */

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Shutdown and start, serialization and deadlock, lock and statement timeout, read-only after a failover. */
const SQL_STATES = new Set(['57P01', '57P02', '57P03', '57P05', '40001', '40P01', '55P03', '57014', '25006']);

/** Connection exceptions and insufficient resources (53300: too many connections, 53100: disk full). */
const SQL_CLASSES = /^(08|53)[0-9A-Z]{3}$/;

/** pg says these in words only. */
const PHRASES =
  /^(timeout expired|timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end|The server does not support SSL)/;

/** Looks at the error, at its causes and at the errors it holds together. */
export function isDatabaseUnavailable(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  if (PHRASES.test(error.message) || isUnavailableCode('code' in error ? error.code : undefined)) return true;
  if (error instanceof AggregateError && error.errors.some((one) => isDatabaseUnavailable(one, depth + 1)))
    return true;
  return isDatabaseUnavailable(error.cause, depth + 1);
}

function isUnavailableCode(code: unknown): boolean {
  if (typeof code !== 'string') return false;
  return NETWORK.has(code) || SQL_STATES.has(code) || SQL_CLASSES.test(code);
}

/** Text that PostgreSQL cannot hold, as a rule U+0000 or half of a surrogate pair that came in with the request. */
const UNSTORABLE_TEXT = new Set(['22021', '22P05']);

export function isUnstorableText(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    UNSTORABLE_TEXT.has(error.code)
  );
}

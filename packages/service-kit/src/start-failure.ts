import { SchemaMismatchError } from '@millrace/persistence';
import { ConfigError } from './config/load.js';

/** A failure that a person can mend; its message is one plain sentence and is shown without a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}

/** Errors whose own message is the sentence. */
const PLAIN = [ConfigError, StartError, SchemaMismatchError];

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** By SQLSTATE. */
const DATABASE_REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refuses the password in DATABASE_URL.',
  '28000': 'PostgreSQL refuses the user in DATABASE_URL.',
  '3D000': 'The database named in DATABASE_URL does not exist: create it first.',
  '42501': 'The user in DATABASE_URL may not do what Millrace needs: it has to own the database.',
  '53300': 'PostgreSQL has no connection left: raise max_connections or run fewer processes.',
  '57P03': 'PostgreSQL is starting or stopping: try again in a moment.',
};

/**
 * Puts an expected failure of starting into one sentence that says what to do. Undefined: not expected, show the stack.
 * `env` tells the address of the database from that of Redis.
 */
export function explainStartFailure(
  error: unknown,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  for (const cause of causesOf(error)) {
    const sentence = explainOne(cause, env);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}

function explainOne(error: Error, env: NodeJS.ProcessEnv): string | undefined {
  if (PLAIN.some((kind) => error instanceof kind)) return error.message;
  if (/^(WRONGPASS|NOAUTH) /.test(error.message)) return 'Redis refuses the user or password in REDIS_URL.';
  const { code, port, address } = detailsOf(error);
  if (code === undefined) return undefined;
  const place = [address, port].filter((part) => part !== undefined).join(':');
  if (code === 'EADDRINUSE') {
    return `Port ${port ?? 'for listening'} is in use by another program: stop it, or choose another port with ${portVariable(port, env)}.`;
  }
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${place}: correct HOST.`;
  if (code === 'EACCES' && port !== undefined) {
    return `Port ${port} may not be opened by this user: choose one above 1023 with ${portVariable(port, env)}.`;
  }
  if (UNREACHABLE.has(code)) return unreachable(code, port, place, env);
  return DATABASE_REFUSALS[code];
}

function unreachable(code: string, port: string | undefined, place: string, env: NodeJS.ProcessEnv): string {
  const where = place === '' ? '' : ` at ${place}`;
  if (port !== undefined && port === portOf(env['REDIS_URL'], '6379')) {
    return `Redis does not answer${where} (${code}): start it, or correct REDIS_URL.`;
  }
  if (port === undefined || port === portOf(env['DATABASE_URL'], '5432')) {
    return `PostgreSQL does not answer${where} (${code}): start it, or correct DATABASE_URL.`;
  }
  return `Nothing answers${where} (${code}).`;
}

function portVariable(port: string | undefined, env: NodeJS.ProcessEnv): string {
  return port !== undefined && port === env['METRICS_PORT'] ? 'METRICS_PORT' : 'PORT';
}

function portOf(address: string | undefined, usual: string): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  return new URL(address).port || usual;
}

interface FailureDetails {
  code: string | undefined;
  port: string | undefined;
  address: string | undefined;
}

function detailsOf(error: Error): FailureDetails {
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  return { code: text('code'), port: text('port'), address: text('address') ?? text('hostname') };
}

/** The error, the ones it holds together (both addresses of `localhost` refused) and its causes, outermost first. */
function causesOf(error: unknown): Error[] {
  const found = new Set<Error>();
  const visit = (candidate: unknown): void => {
    if (!(candidate instanceof Error) || found.has(candidate)) return;
    if (!(candidate instanceof AggregateError)) found.add(candidate);
    if (candidate instanceof AggregateError) for (const member of candidate.errors) visit(member);
    visit(candidate.cause);
  };
  visit(error);
  return [...found];
}

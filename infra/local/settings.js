/** What the environment asks of `npm start`. */
import { existsSync } from 'node:fs';
import { PlainError, reason } from './console.js';
import { dataFolderOf, inRoot } from './paths.js';

/** @typedef {Record<string, string | undefined>} Environment */

/**
 * @typedef {object} Settings
 * @property {string} host where the one address listens
 * @property {number} port
 * @property {number} workers processes; 0 where workers run elsewhere
 * @property {string} dataFolder absolute
 * @property {boolean} production
 * @property {{databaseUrl: string, redisUrl: string} | undefined} given stores that somebody else runs; none: embedded
 * @property {boolean} runExample
 */

/** Reads `.env` of the checkout, if there is one. What the environment already says wins. */
export function loadEnvironmentFile() {
  const file = inRoot('.env');
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new PlainError(`The settings file .env cannot be read: ${reason(error)}`);
  }
}

/**
 * @param {Environment} env
 * @param {string[]} args
 * @returns {Settings}
 * @throws {PlainError} naming what is wrong
 */
export function readSettings(env, args) {
  const unknown = args.find((arg) => arg !== '--no-example');
  if (unknown) throw new PlainError(`Unknown option ${unknown}. Usage: npm start [-- --no-example]`);
  return {
    host: env['HOST'] || '127.0.0.1',
    port: whole('PORT', env, 8080, 1, 65_535),
    workers: whole('WORKERS', env, 2, 0, 256),
    dataFolder: dataFolderOf(env),
    production: env['NODE_ENV'] === 'production',
    given: givenStores(env),
    runExample: !args.includes('--no-example'),
  };
}

/** @param {Environment} env */
function givenStores(env) {
  const databaseUrl = env['DATABASE_URL'];
  const redisUrl = env['REDIS_URL'];
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl };
  if (databaseUrl)
    throw new PlainError(
      'DATABASE_URL is set but REDIS_URL is not. Set both, or neither for the embedded database.',
    );
  if (redisUrl)
    throw new PlainError(
      'REDIS_URL is set but DATABASE_URL is not. Set both, or neither for the embedded database.',
    );
  return undefined;
}

/**
 * @param {string} name
 * @param {Environment} env
 * @param {number} byDefault
 * @param {number} least
 * @param {number} most
 */
function whole(name, env, byDefault, least, most) {
  const text = env[name];
  if (!text) return byDefault;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new PlainError(`${name} must be a whole number from ${least} to ${most}, not "${text}".`);
}

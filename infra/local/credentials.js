/**
 * The secrets of this installation: from the environment, else made once and kept in `credentials` (0600) in the data
 * folder, as `NAME=value` lines that a shell can source.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** @typedef {{JWT_SECRET: string, SECRETS_KEY: string, ADMIN_PASSWORD: string, USER_PASSWORD: string}} Secrets */

/**
 * @typedef {object} Credentials
 * @property {Secrets} secrets
 * @property {string} file
 * @property {(keyof Secrets)[]} made the ones made just now, which nobody has seen yet
 * @property {(keyof Secrets)[]} kept the ones that are in the file
 */

/** @type {Record<keyof Secrets, () => string>} */
const makers = {
  JWT_SECRET: () => randomBytes(48).toString('base64url'),
  SECRETS_KEY: () => randomBytes(32).toString('base64url'),
  ADMIN_PASSWORD: readablePassword,
  USER_PASSWORD: readablePassword,
};

/** @type {(keyof Secrets)[]} */
const names = ['JWT_SECRET', 'SECRETS_KEY', 'ADMIN_PASSWORD', 'USER_PASSWORD'];

/** Nothing that could be read as another character: about 79 bits in four groups. */
function readablePassword() {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/**
 * @param {string} dataFolder existing
 * @param {Record<string, string | undefined>} env
 * @returns {Credentials}
 */
export function openCredentials(dataFolder, env) {
  const file = path.join(dataFolder, 'credentials');
  const stored = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const inFile = { ...stored };
  /** @type {(keyof Secrets)[]} */
  const made = [];
  const secretOf = (/** @type {keyof Secrets} */ name) => {
    const given = env[name] || stored[name];
    if (given) return given;
    made.push(name);
    return (inFile[name] = makers[name]());
  };
  const secrets = {
    JWT_SECRET: secretOf('JWT_SECRET'),
    SECRETS_KEY: secretOf('SECRETS_KEY'),
    ADMIN_PASSWORD: secretOf('ADMIN_PASSWORD'),
    USER_PASSWORD: secretOf('USER_PASSWORD'),
  };
  if (made.length > 0) {
    const lines = names.filter((name) => inFile[name]).map((name) => `${name}=${inFile[name]}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return { secrets, file, made, kept: names.filter((name) => inFile[name] && !env[name]) };
}

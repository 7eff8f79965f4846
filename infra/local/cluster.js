/**
 * The files of one embedded PostgreSQL: made once, checked at each start.
 *
 * In the data folder: `postgres/` (the cluster, unless its user could not reach it), `postgres.password` (0600),
 * `postgres.port`, `logs/postgres.log`.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { PlainError } from './console.js';
import { freePort, isPortFree } from './ports.js';
import { postgresBinaries } from './postgres-binaries.js';
import { commandLine, isAlive } from './processes.js';
import { isRoot, placeFor, serverUser } from './server-user.js';

/** The role that owns everything, and the name of the database. */
export const owner = 'millrace';

/**
 * @typedef {object} Cluster
 * @property {string} folder
 * @property {string} password
 * @property {import('./server-user.js').SystemUser | undefined} user
 * @property {import('./postgres-binaries.js').Binaries} binaries
 */

/** The environment of PostgreSQL's programs: nothing of ours, no secrets, and messages that can be understood. */
export const serverEnvironment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' };

/**
 * Opens the cluster of a data folder, creating it the first time.
 * @param {string} dataFolder absolute
 * @param {import('./console.js').Say} log
 * @returns {Cluster}
 * @throws {PlainError} when it is of another version, of another user, or served already
 */
export function openCluster(dataFolder, log) {
  refuseForeign(dataFolder);
  const wanted = path.join(dataFolder, 'postgres');
  const user = serverUser(wanted);
  const folder = placeFor(user, wanted);
  const binaries = postgresBinaries(user);
  const kept = path.join(dataFolder, 'postgres.password');
  const knownPassword = existsSync(kept) ? readFileSync(kept, 'utf8').trim() : '';
  const password = knownPassword || randomBytes(24).toString('base64url');
  if (!knownPassword) writeFileSync(kept, `${password}\n`, { mode: 0o600 });
  const cluster = { folder, password, user, binaries };
  if (folder !== wanted && !knownPassword) setAside(folder, log);
  if (existsSync(path.join(folder, 'PG_VERSION'))) {
    refuseUnusable(cluster);
    refuseServed(cluster);
    if (!knownPassword) setPassword(cluster);
  } else {
    if (folder !== wanted)
      log(`${dataFolder} is closed to the database's system user: the database lives in ${folder}`);
    initialise(cluster);
  }
  return cluster;
}

/**
 * @param {string} dataFolder
 * @throws {PlainError} when an earlier start as another user made it
 */
function refuseForeign(dataFolder) {
  const { uid } = statSync(dataFolder);
  if (isRoot || uid === process.getuid?.()) return;
  throw new PlainError(
    `The data folder ${dataFolder} belongs to another user (id ${uid}). Start Millrace as that user, or choose another folder with MILLRACE_DATA.`,
  );
}

/**
 * The cluster lives outside the data folder, and that was deleted: its owner wanted a new beginning. The old database
 * is kept all the same; deleting is for people.
 * @param {string} folder
 * @param {import('./console.js').Say} log
 */
function setAside(folder, log) {
  if (!existsSync(folder)) return;
  const aside = `${folder}.old-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(folder, aside);
  log(`the database of an earlier data folder was set aside in ${aside}; delete it when you do not need it`);
}

/** @param {Cluster} cluster */
function refuseUnusable({ folder, binaries }) {
  const version = readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim();
  if (Number(version) !== binaries.major) {
    throw new PlainError(
      `The database in ${folder} was made by PostgreSQL ${version}; this is ${binaries.major}. Dump it with the old version, or choose another folder with MILLRACE_DATA.`,
    );
  }
}

/**
 * PostgreSQL itself refuses a second server, but also after a crash when its old process id has been given to some
 * other program (usual in containers, where ids start low): that case is told apart here.
 * @param {Cluster} cluster
 */
function refuseServed({ folder }) {
  const lock = path.join(folder, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  if (pid > 0 && isAlive(pid) && /\bpostgres\b/.test(commandLine(pid) || 'postgres')) {
    throw new PlainError(
      `The database in ${folder} is already served by a running PostgreSQL (process ${pid}). Stop the other Millrace first, or choose another folder with MILLRACE_DATA.`,
    );
  }
  rmSync(lock, { force: true });
}

/**
 * Made aside and renamed, so that an interrupted first start leaves nothing half-made.
 * @param {Cluster} cluster
 */
function initialise({ folder, password, user, binaries }) {
  const unfinished = `${folder}.new`;
  const passwordFile = `${folder}.pwfile`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) [unfinished, passwordFile].forEach((place) => chownSync(place, user.uid, user.gid));
  const { status, stdout, stderr, error } = spawnSync(
    binaries.initdb,
    [
      `--pgdata=${unfinished}`,
      `--username=${owner}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order of text on every system, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { ...user, cwd: '/', env: serverEnvironment, encoding: 'utf8' },
  );
  rmSync(passwordFile, { force: true });
  if (status !== 0) {
    throw new PlainError(
      `PostgreSQL could not make its database in ${folder}:\n${error?.message ?? `${stdout}${stderr}`.trim()}`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

/**
 * The kept password was lost: give the owner the new one, in single-user mode, which asks for none.
 * @param {Cluster} cluster
 */
function setPassword({ folder, password, user, binaries }) {
  const { status, stderr } = spawnSync(binaries.postgres, ['--single', '-D', folder, 'postgres'], {
    ...user,
    cwd: '/',
    env: serverEnvironment,
    input: `ALTER ROLE ${owner} PASSWORD '${password}'\n`,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new PlainError(`The database's lost password could not be renewed:\n${stderr.trim()}`);
}

/**
 * The port kept from the last start while it is free, otherwise a new one.
 * @param {string} dataFolder
 * @param {boolean} [another] the kept one failed
 */
export async function choosePort(dataFolder, another = false) {
  const file = path.join(dataFolder, 'postgres.port');
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (!another && kept > 0 && kept < 65_536 && (await isPortFree(kept))) return kept;
  const port = await freePort();
  writeFileSync(file, `${port}\n`);
  return port;
}

/**
 * PostgreSQL refuses to run as root. As root its processes run as a system user, who must be able to reach the
 * binaries and own the data; both may lie under a folder that only root can enter (/root, for example).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { PlainError } from './console.js';

/** @typedef {{uid: number, gid: number}} SystemUser */

/** Where root keeps what the system user must reach but could not reach in the checkout. */
export const reachableHome = '/var/lib/millrace';

export const isRoot = process.getuid?.() === 0;

/**
 * The user to run PostgreSQL as: nobody else than oneself unless root.
 * @param {string} [folder] an existing data folder; its owner stays its owner
 * @returns {SystemUser | undefined}
 */
export function serverUser(folder) {
  if (!isRoot) return undefined;
  if (folder && existsSync(folder)) {
    const { uid, gid } = statSync(folder);
    if (uid !== 0) return { uid, gid };
  }
  const user = lookUp('postgres') ?? lookUp('_postgres') ?? create('postgres') ?? lookUp('nobody');
  if (user) return user;
  throw new PlainError(
    'PostgreSQL cannot run as root, and no system user for it could be made. Start Millrace as an ordinary user, or create the user `postgres`.',
  );
}

/**
 * @param {string} name
 * @returns {SystemUser | undefined}
 */
function lookUp(name) {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  });
  return uid && gid ? { uid, gid } : undefined;
}

/**
 * @param {string} name
 * @returns {SystemUser | undefined}
 */
function create(name) {
  // shadow-utils first, then BusyBox.
  const ways = [
    [
      'useradd',
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      name,
    ],
    ['adduser', '-S', '-D', '-H', name],
  ];
  for (const [command = '', ...args] of ways) {
    if (spawnSync(command, args, { stdio: 'ignore' }).status === 0) return lookUp(name);
  }
  return undefined;
}

/**
 * Whether that user can enter and read the folder, asked of the system itself (modes, ACLs and all).
 * @param {SystemUser | undefined} user
 * @param {string} folder
 */
export function canReach(user, folder) {
  if (!user) return true;
  const script = 'cd "$1" && test -r .';
  return (
    spawnSync('/bin/sh', ['-c', script, 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

/**
 * A folder for the user's data: the wanted one, or, when its parents are closed to the user, one of the same identity
 * under {@link reachableHome}. Permissions of existing folders are never widened.
 * @param {SystemUser | undefined} user
 * @param {string} wanted absolute; its last part may not exist yet
 * @returns {string}
 */
export function placeFor(user, wanted) {
  const parent = path.dirname(wanted);
  makeEnterable(parent);
  if (!user || canReach(user, parent)) return wanted;
  const identity = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const home = path.join(reachableHome, identity);
  makeEnterable(home);
  return path.join(home, path.basename(wanted));
}

/**
 * Creates a folder (with its parents) that others may enter, whatever the umask says.
 * @param {string} folder
 */
export function makeEnterable(folder) {
  if (existsSync(folder)) return;
  makeEnterable(path.dirname(folder));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

/** Finding a Redis server on this machine, or getting one from the system's package manager. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { PlainError } from './console.js';
import { run } from './run.js';
import { isRoot } from './server-user.js';

/** @typedef {{command: string, env: NodeJS.ProcessEnv}} RedisBinary */

const usualPlaces = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'];

/**
 * A server that answers `--version`: on PATH, in a usual place, got earlier, or got now.
 * @param {{toolsFolder: string, log: import('./console.js').Say}} options `toolsFolder` holds what is unpacked without root
 * @returns {Promise<RedisBinary>}
 * @throws {PlainError} when there is none and none can be got, with what a person can do
 */
export async function redisBinary({ toolsFolder, log }) {
  const present = (await onPath()) ?? (await unpacked(toolsFolder));
  if (present) return present;
  log('No redis-server or valkey-server found; getting one from the package manager');
  if (await installed(toolsFolder)) {
    const got = (await onPath()) ?? (await unpacked(toolsFolder));
    if (got) return got;
  }
  throw new PlainError(
    'No redis-server or valkey-server was found and none could be installed. ' +
      (process.platform === 'darwin'
        ? 'Install one with `brew install redis`, '
        : "Install one with your system's package manager (`apt-get install redis-server`), ") +
      'or set REDIS_URL to a running one.',
  );
}

async function onPath() {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean), ...usualPlaces];
  for (const name of ['redis-server', 'valkey-server']) {
    for (const folder of folders) {
      const found = await working({ command: path.join(folder, name), env: process.env });
      if (found) return found;
    }
  }
  return undefined;
}

/**
 * The binary itself if it runs, otherwise nothing.
 * @param {RedisBinary} binary
 */
async function working(binary) {
  try {
    accessSync(binary.command, constants.X_OK);
  } catch {
    return undefined;
  }
  const { code } = await run(binary.command, ['--version'], { env: binary.env, timeoutMs: 10_000 });
  return code === 0 ? binary : undefined;
}

/** @param {string} toolsFolder */
async function unpacked(toolsFolder) {
  const libraries = path.join(toolsFolder, 'root', 'usr', 'lib');
  const triplets = existsSync(libraries)
    ? readdirSync(libraries).map((name) => path.join(libraries, name))
    : [];
  const env = { ...process.env, LD_LIBRARY_PATH: [libraries, ...triplets].join(':') };
  return working({ command: path.join(toolsFolder, 'redis-server'), env });
}

/** @param {string} toolsFolder */
async function installed(toolsFolder) {
  if (process.platform !== 'linux') return false;
  mkdirSync(toolsFolder, { recursive: true });
  if (!isRoot) return unpackWithApt(toolsFolder);
  return (
    (await installWithApt(toolsFolder)) ||
    succeeded('apk', ['add', '--no-cache', 'redis']) ||
    succeeded('dnf', ['install', '-y', 'valkey'])
  );
}

/**
 * Debian's `redis-server` package also enables and starts a system service. The server is already in `redis-tools`: the
 * same program under another name, which it goes by.
 * @param {string} toolsFolder
 */
async function installWithApt(toolsFolder) {
  const install = ['install', '-y', '--no-install-recommends', 'redis-tools'];
  const done =
    (await succeeded('apt-get', install)) ||
    ((await succeeded('apt-get', ['update'])) && (await succeeded('apt-get', install)));
  if (done) link('/usr/bin/redis-check-rdb', toolsFolder);
  return done;
}

/**
 * Without root: download the packages and unpack them into the tools folder, with the libraries that the system lacks.
 * @param {string} toolsFolder
 */
async function unpackWithApt(toolsFolder) {
  const unpackRoot = path.join(toolsFolder, 'root');
  const wanted = ['redis-tools', ...(await missingDependencies('redis-tools'))];
  for (const name of wanted) {
    if ((await run('apt-get', ['download', name], { cwd: toolsFolder, env: plainEnglish })).code !== 0)
      return false;
  }
  for (const archive of readdirSync(toolsFolder).filter((name) => name.endsWith('.deb'))) {
    const file = path.join(toolsFolder, archive);
    if (!(await succeeded('dpkg', ['-x', file, unpackRoot]))) return false;
    rmSync(file);
  }
  link(path.join(unpackRoot, 'usr', 'bin', 'redis-check-rdb'), toolsFolder);
  return true;
}

/**
 * The real packages it depends on, near and far, that are not installed.
 * @param {string} name
 */
async function missingDependencies(name) {
  const only = [
    '--no-recommends',
    '--no-suggests',
    '--no-conflicts',
    '--no-breaks',
    '--no-replaces',
    '--no-enhances',
  ];
  const { output } = await run('apt-cache', ['depends', '--recurse', ...only, name], { env: plainEnglish });
  const names = [
    ...new Set(
      [...output.matchAll(/^\s*(?:Pre)?Depends: ([a-z0-9][a-z0-9.+-]+)/gm)].map((match) => match[1] ?? ''),
    ),
  ];
  const { output: listed } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n'], {
    env: plainEnglish,
  });
  const have = new Set([...listed.matchAll(/^(\S+) installed$/gm)].map((match) => match[1]));
  return names.filter((one) => !have.has(one) && one !== name);
}

/**
 * @param {string} program
 * @param {string} toolsFolder
 */
function link(program, toolsFolder) {
  const place = path.join(toolsFolder, 'redis-server');
  rmSync(place, { force: true });
  symlinkSync(program, place);
}

const plainEnglish = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

/**
 * @param {string} command
 * @param {string[]} args
 */
const succeeded = async (command, args) => (await run(command, args, { env: plainEnglish })).code === 0;

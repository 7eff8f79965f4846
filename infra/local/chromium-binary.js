/** Finding a Chromium for the console's end-to-end tests, or getting one from the system's package manager. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { PlainError } from './console.js';
import { run } from './run.js';
import { isRoot } from './server-user.js';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const usualPlaces = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/homebrew/bin'];
const macApplication = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * A browser that is there, or got now where this user may install packages.
 * @param {{log: import('./console.js').Say}} options
 * @returns {Promise<string>} the path of the program
 * @throws {PlainError} when there is none and none can be got, with what a person can do
 */
export async function chromiumBinary({ log }) {
  const present = find();
  if (present) return present;
  log('No Chromium found; getting one from the package manager');
  if (await installed()) {
    const got = find();
    if (got) return got;
  }
  throw new PlainError(
    "No Chromium was found and none could be installed. Install one with your system's package manager " +
      '(`apt-get install chromium`), or set CHROMIUM_PATH to one.',
  );
}

function find() {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return given;
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean), ...usualPlaces];
  const places = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...places, macApplication].find(isProgram);
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function installed() {
  if (process.platform !== 'linux' || !isRoot) return false;
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const succeeded = async (/** @type {string} */ command, /** @type {string[]} */ args) =>
    (await run(command, args, { env })).code === 0;
  const install = ['install', '-y', '--no-install-recommends', 'chromium'];
  return (
    (await succeeded('apt-get', install)) ||
    ((await succeeded('apt-get', ['update'])) && (await succeeded('apt-get', install))) ||
    (await succeeded('apk', ['add', '--no-cache', 'chromium'])) ||
    succeeded('dnf', ['install', '-y', 'chromium'])
  );
}

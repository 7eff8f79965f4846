/**
 * Makes a fresh checkout runnable: the right Node, the dependencies of the lock file, an up-to-date build.
 * Imports only what comes with Node, for it runs before anything is installed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PlainError, say, secondsSince } from './console.js';
import { filesBelow } from './files.js';
import { inRoot, root } from './paths.js';
import { runStep } from './run.js';

const oldestNode = [20, 19];
const installStamp = inRoot('node_modules', '.millrace-stamp');
const buildStamp = inRoot('node_modules', '.millrace-build-stamp');

/**
 * @param {string} [version] such as `20.19.0`
 * @throws {PlainError} when this Node is too old
 */
export function ensureNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new PlainError(
    `Millrace needs Node.js ${oldestNode.join('.')} or newer; this is ${version}. Install a newer one from https://nodejs.org and try again.`,
  );
}

/** Installs the dependencies when they are missing or are not those of the lock file. */
export async function ensureInstalled() {
  const lock = readFileSync(inRoot('package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (readIfThere(installStamp) === wanted) return;
  const installed = readIfThere(inRoot('node_modules', '.package-lock.json'));
  if (installed === undefined) await npm('Installing dependencies', ['ci']);
  else if (!isInstalled(lock, installed)) await npm('Updating dependencies', ['install', '--no-save']);
  writeFileSync(installStamp, wanted);
}

/**
 * Whether npm's own record of node_modules holds every package of the lock at its version. Optional packages may be
 * missing: they belong to other platforms.
 * @param {string} lock text of package-lock.json
 * @param {string} installed text of node_modules/.package-lock.json
 */
export function isInstalled(lock, installed) {
  const have = packagesOf(installed);
  return Object.entries(packagesOf(lock)).every(([place, wanted]) => {
    if (!place.startsWith('node_modules/')) return true;
    const found = have[place];
    if (!found) return wanted.optional === true || wanted.devOptional === true;
    return found.version === wanted.version && found.resolved === wanted.resolved;
  });
}

/** @typedef {{version?: string, resolved?: string, optional?: boolean, devOptional?: boolean}} LockedPackage */

/**
 * @param {string} text
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(text) {
  return JSON.parse(text).packages ?? {};
}

/**
 * @param {string} label
 * @param {string[]} args
 */
function npm(label, args) {
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmScript = process.env['npm_execpath'];
  // `npm start` names the npm that runs it; another one on PATH may be older.
  if (npmScript?.endsWith('.js')) return runStep(label, process.execPath, [npmScript, ...args, ...quiet]);
  return runStep(label, 'npm', [...args, ...quiet]);
}

/**
 * Makes runnable what changed since the last time; says and does nothing when nothing did. Types are not checked: that
 * is for those who change the code.
 */
export async function ensureBuilt() {
  const wanted = fingerprint();
  if (
    readIfThere(buildStamp) === wanted &&
    projects().every((project) => existsSync(inRoot(project, 'dist')))
  )
    return;
  const startedAt = performance.now();
  process.stdout.write('Building … ');
  // Only now: TypeScript may have been installed a moment ago.
  const { transpile } = await import('./transpile.js');
  transpile(projects());
  say(secondsSince(startedAt));
  await buildConsole();
  writeFileSync(buildStamp, wanted);
}

/** Checks and builds everything with the compiler, which looks for itself what changed. */
export async function buildChecked() {
  const wanted = fingerprint();
  await runStep('Building', process.execPath, [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
  await buildConsole();
  writeFileSync(buildStamp, wanted);
}

async function buildConsole() {
  if (hasBuildScript('services/console'))
    await npm('Building the console', ['run', 'build', '-w', 'services/console']);
}

/** The projects of `tsc -b`. @returns {string[]} */
function projects() {
  /** @type {{references: {path: string}[]}} */
  const config = JSON.parse(readFileSync(inRoot('tsconfig.json'), 'utf8'));
  return config.references.map((reference) => reference.path);
}

/** @param {string} folder */
function hasBuildScript(folder) {
  const manifest = readIfThere(inRoot(folder, 'package.json'));
  return manifest !== undefined && typeof JSON.parse(manifest).scripts?.build === 'string';
}

/** Names, sizes and times of everything a build reads: some hundred files, a few milliseconds. */
function fingerprint() {
  const hash = createHash('sha256');
  const note = (/** @type {string} */ file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) note(inRoot(file));
  for (const group of ['packages', 'services']) {
    for (const project of readdirSync(inRoot(group)).sort()) {
      for (const part of ['package.json', 'tsconfig.json', 'index.html', 'vite.config.ts', 'src', 'public']) {
        const place = inRoot(group, project, part);
        if (existsSync(place)) filesBelow(place).forEach(note);
      }
    }
  }
  return hash.digest('hex');
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

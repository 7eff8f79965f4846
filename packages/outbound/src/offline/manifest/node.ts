import { isJsonObject, type JsonObject } from '@millrace/contracts';
import type { StageId } from '../../agents/ci-cd.js';
import type { Manifests } from './find.js';
import type { Ecosystem, Step } from './ecosystem.js';

const SUPPORTED_NODE = [18, 20, 22, 24];
const DEFAULT_NODE = '22';

function record(value: JsonObject, key: string): Record<string, string> {
  const found = value[key];
  if (!isJsonObject(found)) return {};
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  );
}

/** Whether a version satisfies one comparator of a range, judged by its major number. */
function majorFits(major: number, comparator: string): boolean {
  const match = /^(>=|<=|>|<|\^|~|=)?\s*v?(\d+)/.exec(comparator.trim());
  if (!match) return true;
  const bound = Number(match[2]);
  const exact = /^[<>]=?\s*v?\d+\.(?:[1-9]|\d+\.[1-9])/.test(comparator.trim());
  switch (match[1]) {
    case '>=':
      return major >= bound;
    case '>':
      return exact ? major >= bound : major > bound;
    case '<':
      return exact ? major <= bound : major < bound;
    case '<=':
      return major <= bound;
    default:
      return major === bound;
  }
}

/** The release lines that `engines.node` allows, for a test matrix; one current line where it says nothing. */
export function nodeVersions(range: string | undefined): string[] {
  if (range === undefined || range.length > 200 || range.trim() === '' || range.trim() === '*')
    return [DEFAULT_NODE];
  const alternatives = range.split('||').map((part) =>
    part
      .replace(/(>=|<=|>|<|\^|~|=)\s+/g, '$1')
      .replace(/(\d\S*)\s+-\s+(\d\S*)/, '>=$1 <=$2')
      .trim()
      .split(/\s+/),
  );
  const fits = SUPPORTED_NODE.filter((major) =>
    alternatives.some((comparators) => comparators.every((comparator) => majorFits(major, comparator))),
  );
  if (fits.length > 0) return fits.map(String);
  const named = /\d+/.exec(range)?.[0];
  return [named ?? DEFAULT_NODE];
}

interface Manager {
  readonly name: string;
  readonly install: string;
  readonly run: (script: string) => string;
  readonly exec: string;
}

function managerOf(value: JsonObject, files: ReadonlySet<string>): Manager {
  const declared = typeof value['packageManager'] === 'string' ? value['packageManager'] : '';
  if (declared.startsWith('pnpm') || files.has('pnpm-lock.yaml'))
    return {
      name: 'pnpm',
      install: 'pnpm install --frozen-lockfile',
      run: (script) => `pnpm run ${script}`,
      exec: 'pnpm exec',
    };
  if (declared.startsWith('yarn') || files.has('yarn.lock')) {
    const modern = /^yarn@([2-9]|\d\d)/.test(declared);
    return {
      name: 'yarn',
      install: `yarn install ${modern ? '--immutable' : '--frozen-lockfile'}`,
      run: (script) => `yarn run ${script}`,
      exec: 'yarn',
    };
  }
  const locked = files.has('package-lock.json') || files.size === 0 || !files.has('package.json');
  return {
    name: 'npm',
    install: locked ? 'npm ci' : 'npm install',
    run: (script) => (script === 'test' ? 'npm test' : `npm run ${script}`),
    exec: 'npx',
  };
}

const SCRIPTS: Readonly<Record<Exclude<StageId, 'install' | 'release'>, readonly string[]>> = {
  lint: ['lint', 'eslint', 'lint:check', 'check:lint', 'format:check', 'prettier:check', 'style'],
  typecheck: ['typecheck', 'type-check', 'types', 'check-types', 'check:types', 'tsc'],
  test: ['test:ci', 'test', 'test:unit', 'tests'],
  build: ['build', 'compile', 'bundle', 'dist'],
};

/** Used where no script does it but the tool is among the dependencies. */
const TOOLS: Readonly<Record<keyof typeof SCRIPTS, readonly [tool: string, command: string][]>> = {
  lint: [
    ['eslint', 'eslint .'],
    ['@biomejs/biome', 'biome check .'],
    ['prettier', 'prettier --check .'],
  ],
  typecheck: [['typescript', 'tsc --noEmit']],
  test: [
    ['vitest', 'vitest run'],
    ['jest', 'jest'],
    ['mocha', 'mocha'],
    ['ava', 'ava'],
  ],
  build: [],
};

function stepFor(
  id: keyof typeof SCRIPTS,
  scripts: Record<string, string>,
  dependencies: ReadonlySet<string>,
  manager: Manager,
): Step | undefined {
  const script = SCRIPTS[id].find(
    (name) => scripts[name] !== undefined && !/no test specified/.test(scripts[name] ?? ''),
  );
  if (script !== undefined)
    return {
      id,
      commands: [manager.run(script)],
      reason: `script "${script}": ${(scripts[script] ?? '').slice(0, 100)}`,
    };
  const tool = TOOLS[id].find(([name]) => dependencies.has(name));
  // A build by tsc already checks the types.
  if (tool === undefined || (id === 'typecheck' && /\btsc\b/.test(scripts['build'] ?? ''))) return undefined;
  return { id, commands: [`${manager.exec} ${tool[1]}`], reason: `dependency "${tool[0]}"` };
}

export function nodeEcosystem(manifests: Manifests): Ecosystem | undefined {
  const found = manifests.packageJson;
  if (!found) return undefined;
  const { value, path } = found;
  const scripts = record(value, 'scripts');
  const dependencies = new Set([
    ...Object.keys(record(value, 'dependencies')),
    ...Object.keys(record(value, 'devDependencies')),
  ]);
  const manager = managerOf(value, manifests.files);
  const steps: Step[] = [
    { id: 'install', commands: [manager.install], reason: `package manager ${manager.name}` },
  ];
  for (const id of ['lint', 'typecheck', 'test', 'build'] as const) {
    const step = stepFor(id, scripts, dependencies, manager);
    if (step) steps.push(step);
  }
  const release = ['release', 'deploy', 'publish'].find((name) => scripts[name] !== undefined);
  const publishable =
    value['private'] !== true && typeof value['name'] === 'string' && typeof value['version'] === 'string';
  if (release !== undefined)
    steps.push({ id: 'release', commands: [manager.run(release)], reason: `script "${release}"` });
  else if (publishable)
    steps.push({
      id: 'release',
      commands: ['npm publish'],
      reason: 'the package has a name and a version and is not private',
    });
  const engines = record(value, 'engines');
  return {
    name: 'node',
    manifest: path,
    versions: nodeVersions(engines['node']),
    packageManager: manager.name,
    setup: (version) => [
      ...(manager.name === 'pnpm' ? [{ uses: 'pnpm/action-setup@v4' }] : []),
      {
        uses: 'actions/setup-node@v4',
        with: {
          'node-version': version,
          ...(manager.install === 'npm install' ? {} : { cache: manager.name }),
        },
      },
    ],
    steps,
    secrets: release === undefined && publishable ? { NODE_AUTH_TOKEN: 'NPM_TOKEN' } : {},
  };
}

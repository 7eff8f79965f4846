import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { parseJson } from '../../json.js';
import { findFiles } from '../files.js';
import { placesOf } from '../input.js';

export interface Manifests {
  readonly packageJson: { readonly path: string; readonly value: JsonObject } | null;
  /** File name of a lock file, when one was given. */
  readonly files: ReadonlySet<string>;
  readonly pyproject: string | null;
  readonly requirements: string | null;
  readonly goMod: string | null;
  readonly cargo: string | null;
  readonly pom: string | null;
  /** Manifests that were given and could not be read. */
  readonly unread: readonly string[];
}

const TEXT_KEYS: Readonly<Record<string, string>> = {
  packagejson: 'package.json',
  pyproject: 'pyproject.toml',
  pyprojecttoml: 'pyproject.toml',
  requirementstxt: 'requirements.txt',
  gomod: 'go.mod',
  cargotoml: 'Cargo.toml',
  cargo: 'Cargo.toml',
  pomxml: 'pom.xml',
  pom: 'pom.xml',
};

/** Without empty and overlong lines, over which the patterns that read manifests would take long. */
function readable(text: string): string {
  return text
    .slice(0, 200_000)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line.length <= 500)
    .join('\n');
}

/** What kind of manifest a text is, by what only such a manifest says. */
function recognise(text: string): string | undefined {
  if (/^\s*\{[\s\S]*"(?:scripts|dependencies|devDependencies|name)"\s*:/.test(text)) return 'package.json';
  if (/^\s*(?:<\?xml[^>]*>\s*)?<project\b/.test(text)) return 'pom.xml';
  if (/^\s*module\s+\S+\s*$/m.test(text) && /^\s*go\s+\d/m.test(text)) return 'go.mod';
  if (/^\s*\[package\]/m.test(text)) return 'Cargo.toml';
  if (/^\s*\[(?:project|build-system|tool\.[\w.-]+)\]/m.test(text)) return 'pyproject.toml';
  return /^[A-Za-z][\w.-]*(?:\[[\w,]+\])?\s*(?:==|>=|~=|<=)\s*\d/m.test(text) && !/[{}();]/.test(text)
    ? 'requirements.txt'
    : undefined;
}

function looksLikePackage(value: JsonObject): boolean {
  const scripts = value['scripts'];
  const named = typeof value['name'] === 'string' && typeof value['version'] === 'string';
  return (
    isJsonObject(scripts) ||
    isJsonObject(value['devDependencies']) ||
    (isJsonObject(value['dependencies']) && named)
  );
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Manifests of an input, in this order: `files` by name; strings and objects under a manifest's name
 * (`package_json`, `pyproject`, …) or under `manifest`; any object shaped like a package.json.
 */
export function findManifests(input: JsonValue): Manifests {
  const texts = new Map<string, string>();
  const files = new Set<string>();
  const unread: string[] = [];
  const objects: JsonObject[] = [];
  const keep = (name: string, text: string): void => {
    if (!texts.has(name)) texts.set(name, name === 'package.json' ? text : readable(text));
  };
  // The manifest nearest to the root is the project's.
  for (const { path, content } of findFiles(input).toSorted(
    (a, b) => a.path.split('/').length - b.path.split('/').length,
  )) {
    const name = path.split('/').at(-1) ?? path;
    files.add(name);
    keep(name, content);
  }
  for (const { key, value } of placesOf(input)) {
    const normal = key.toLowerCase().replace(/[^a-z]/g, '');
    const name = TEXT_KEYS[normal];
    if (typeof value === 'string') {
      const kind =
        name ?? (normal === 'manifest' || value === input ? recognise(readable(value)) : undefined);
      if (kind !== undefined) keep(kind, value);
      else if (/^[\w.-]+\.(lock|lockb|json|yaml)$/.test(value)) files.add(value);
    } else if (isJsonObject(value) && (looksLikePackage(value) || name === 'package.json'))
      objects.push(value);
  }
  const packageText = texts.get('package.json');
  const parsed = packageText === undefined ? undefined : parseObject(packageText);
  if (packageText !== undefined && !parsed) unread.push('package.json is not a JSON object');
  const packageJson = parsed ?? objects[0];
  return {
    packageJson: packageJson ? { path: 'package.json', value: packageJson } : null,
    files,
    pyproject: texts.get('pyproject.toml') ?? null,
    requirements: texts.get('requirements.txt') ?? null,
    goMod: texts.get('go.mod') ?? null,
    cargo: texts.get('Cargo.toml') ?? null,
    pom: texts.get('pom.xml') ?? null,
    unread,
  };
}

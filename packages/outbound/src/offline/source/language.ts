export type SourceLanguage = 'typescript' | 'javascript' | 'python' | 'other';

const BY_EXTENSION: Readonly<Record<string, SourceLanguage>> = {
  ts: 'typescript',
  tsx: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  py: 'python',
  pyi: 'python',
};

export function languageOf(path: string): SourceLanguage {
  const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return BY_EXTENSION[extension] ?? 'other';
}

/** Test files are not tested again, and some rules do not hold in them. */
export function isTestPath(path: string): boolean {
  return /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.\w+$|(^|\/)test_\w+\.py$|(^|\/)conftest\.py$/.test(
    path,
  );
}

import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import { placesOf, stringField } from './input.js';

export interface InputFile {
  readonly path: string;
  readonly content: string;
}

const PATH_KEYS = ['path', 'filename', 'file_name', 'file', 'name'];
const CONTENT_KEYS = ['content', 'source', 'code', 'source_code', 'text', 'body'];
const CODE_KEYS = new Set(['code', 'source', 'source_code', 'sourcecode', 'snippet', 'diff']);
const FILE_NAME = /^[^\n\r]{1,300}\.[A-Za-z0-9]{1,10}$|(^|\/)(Dockerfile|Makefile|Cargo\.lock|go\.mod)$/;

function fileOf(object: JsonObject): InputFile | undefined {
  const path = stringField(object, PATH_KEYS);
  const content = stringField(object, CONTENT_KEYS);
  return path !== undefined && content !== undefined && FILE_NAME.test(path) ? { path, content } : undefined;
}

function fileMap(object: JsonObject): InputFile[] {
  const entries = Object.entries(object);
  const files = entries.flatMap(([path, content]) =>
    typeof content === 'string' && FILE_NAME.test(path) && !path.includes(' ') ? [{ path, content }] : [],
  );
  return files.length === entries.length ? files : files.filter((file) => /[/.][A-Za-z]/.test(file.path));
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  typescript: 'ts',
  ts: 'ts',
  javascript: 'js',
  js: 'js',
  python: 'py',
  py: 'py',
};

function guessExtension(code: string, language: string | undefined): string {
  const named = EXTENSIONS[(language ?? '').toLowerCase()];
  if (named !== undefined) return named;
  if (/^\s*(def|class)\s+\w+.*:\s*$/m.test(code) || /^\s*(from\s+\S+\s+)?import\s+[\w.]+\s*$/m.test(code))
    return 'py';
  return /:\s*(string|number|boolean|void|unknown|any)\b|^\s*(interface|type)\s+\w+/m.test(code)
    ? 'ts'
    : 'js';
}

/** `source` is also where agents quote the words they worked from, so there only several lines of code count. */
function looksLikeCode(key: string, value: string): boolean {
  if (key.toLowerCase() === 'source') return value.includes('\n') && /[{};]|:\s*\n/.test(value);
  return /[\n;{(=:]/.test(value);
}

/**
 * Every source file of an input, each path once, in the order found: objects with a path and a content, objects
 * whose keys are file names, and strings under `code` or `source` (named `snippet-1.ts` and so on, with the
 * extension of the neighbouring `language` or of what the code looks like).
 */
export function findFiles(input: JsonValue, language?: string): InputFile[] {
  const files = new Map<string, InputFile>();
  const add = (file: InputFile): void => {
    if (!files.has(file.path)) files.set(file.path, file);
  };
  let snippets = 0;
  const places = placesOf(input);
  for (const { value } of places) {
    if (!isJsonObject(value)) continue;
    const file = fileOf(value);
    if (file) add(file);
    else for (const found of fileMap(value)) add(found);
  }
  for (const { key, value, parent } of places) {
    if (typeof value !== 'string' || !parent || !CODE_KEYS.has(key.toLowerCase())) continue;
    if (fileOf(parent) || !looksLikeCode(key, value)) continue;
    snippets += 1;
    const extension = guessExtension(value, stringField(parent, ['language', 'lang']) ?? language);
    add({ path: `snippet-${String(snippets)}.${extension}`, content: value });
  }
  return [...files.values()];
}

const MAX_SOURCE = 300_000;
const MAX_LINE = 2_000;

/** Whether a person could have written it: minified and generated sources are not worth reading, and slow to read. */
export function isHandWritten({ content }: InputFile): boolean {
  return content.length <= MAX_SOURCE && content.split('\n').every((line) => line.length <= MAX_LINE);
}

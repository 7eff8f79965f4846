import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseAllDocuments, type Document } from 'yaml';
import { CliError, type Locate } from '../errors.js';
import { readAll, type Io } from '../io.js';
import { codeOf } from '../session/store.js';

/** One definition as the user wrote it. */
export interface Source {
  /** The file, with the number of the document when it holds several. */
  readonly name: string;
  readonly value: Record<string, unknown>;
  readonly locate: Locate;
}

/** Definitions of a file (`-` is the input), JSON or YAML; several YAML documents are several definitions. */
export async function loadDefinitions(io: Io, file: string): Promise<Source[]> {
  const text = file === '-' ? await readAll(io.stdin) : await readText(file);
  return parseDefinitions(text, file === '-' ? '(stdin)' : file);
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new CliError(`${file} does not exist`);
    if (codeOf(error) === 'EISDIR') throw new CliError(`${file} is a folder`);
    throw new CliError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Throws a CliError with file, line and column for what is neither JSON nor YAML. */
export function parseDefinitions(text: string, name: string): Source[] {
  const quick = parseJsonObject(text);
  if (quick !== undefined) {
    let documents: ParsedYaml | undefined;
    const locate: Locate = (path) => {
      // Only an error needs the lines, and finding them means reading the file a second time.
      documents ??= parseYaml(text, name);
      return locatorOf(documents.documents[0], documents.lines, name)(path);
    };
    return [{ name, value: quick, locate }];
  }
  const { documents, lines } = parseYaml(text, name);
  const sources = documents.map((document, index) => {
    const value: unknown = document.toJS();
    const label = documents.length === 1 ? name : `${name}#${index + 1}`;
    if (!isRecord(value))
      throw new CliError(
        `${label} holds no workflow definition: it must be an object with "name" and "nodes"`,
      );
    return { name: label, value, locate: locatorOf(document, lines, name) };
  });
  if (sources.length === 0) throw new CliError(`${name} is empty`);
  return sources;
}

interface ParsedYaml {
  readonly documents: Document[];
  readonly lines: LineCounter;
}

function parseYaml(text: string, name: string): ParsedYaml {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = 'empty' in parsed ? [] : parsed;
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) {
    const messages = errors.map((error) => `${place(name, lines, error.pos[0])}: ${error.message}`);
    throw new CliError(messages.join('\n'));
  }
  return { documents, lines };
}

/** The nearest part of the document that exists on the way to the path: a missing key is reported at its parent. */
function locatorOf(document: Document | undefined, lines: LineCounter, name: string): Locate {
  return (path) => {
    for (let length = path.length; length >= 0 && document !== undefined; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return place(name, lines, node.range[0]);
    }
    return undefined;
  };
}

function place(name: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}`;
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

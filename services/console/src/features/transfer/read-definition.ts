import { checkDefinition, type CheckedDefinition } from '@millrace/engine';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';

/** A finding about a text, at its place: from 1 for people, in UTF-16 units for editors. */
export interface TextProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

export interface ReadDefinition {
  readonly syntax: 'json' | 'yaml';
  /** Present where nothing is an error. */
  readonly definition?: CheckedDefinition['definition'];
  readonly problems: readonly TextProblem[];
}

/** As much as the gateway takes of a definition. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** What the platform adds to a definition when it is asked for a workflow: such a file can be imported as it is. */
const OF_THE_PLATFORM: ReadonlySet<string> = new Set([
  ...['id', 'workflow_id', 'status', 'owner', 'version', 'revision', 'node_count', 'tags', 'message'],
  ...['created_at', 'updated_at', 'created_by', 'updated_by', 'deleted_at', 'recent_runs'],
  ...['current', 'restored_from'],
]);

/**
 * Reads a definition from JSON or YAML, and checks it as the gateway will. JSON is read as the YAML that it is, so that
 * findings have places in both.
 */
export function readDefinition(text: string): ReadDefinition {
  const syntax = /^\s*[{[]/.test(text) ? 'json' : 'yaml';
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const at = placer(lines, text.length);
  const findings = [...document.errors, ...document.warnings];
  if (document.errors.length > 0) {
    const problems = findings.map(({ name, message, pos: [from, to] }) =>
      at(name === 'YAMLParseError' ? 'error' : 'warning', message, from, to),
    );
    return { syntax, problems };
  }
  const json = toJson(document);
  if (!json.ok) return { syntax, problems: [at('error', json.message, 0, 0)] };
  const { definition, problems } = checkDefinition(withoutPlatform(json.value));
  const placed = problems.map(({ severity, message, loc }) => {
    const [from, to] = rangeOf(document, loc);
    return at(severity, wordsFor(message, loc), from, to);
  });
  const isGood = problems.every(({ severity }) => severity === 'warning');
  return { syntax, problems: placed, ...(isGood && { definition }) };
}

function placer(lines: LineCounter, length: number) {
  return (severity: TextProblem['severity'], message: string, from: number, to: number): TextProblem => {
    const start = Math.min(from, length);
    const { line, col } = lines.linePos(start);
    return {
      severity,
      message,
      line: Math.max(1, line),
      column: Math.max(1, col),
      from: start,
      to: Math.max(start, to),
    };
  };
}

type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Aliases are followed a bounded number of times: a few lines can stand for gigabytes. */
function toJson(document: Document.Parsed): Json {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

function withoutPlatform(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !OF_THE_PLATFORM.has(name)));
}

/** Where a value stands; of one that is missing, where it would have to be. */
function rangeOf(document: Document.Parsed, loc: readonly (string | number)[]): [number, number] {
  for (let length = loc.length; length >= 0; length -= 1) {
    const way = loc.slice(0, length);
    const node: unknown = length === 0 ? document.contents : document.getIn(way, true);
    if (isNode(node) && node.range) {
      const [from, to] = node.range;
      // Of a whole object its first line is enough.
      return length === loc.length ? [from, to] : [from, from + 1];
    }
  }
  return [0, 0];
}

/** What a message does not say itself: which field it is about. */
function wordsFor(message: string, loc: readonly (string | number)[]): string {
  const field = loc.filter((part) => typeof part === 'string').at(-1);
  return field === undefined || message.includes(`"${field}"`) || message.startsWith('node ')
    ? message
    : `${loc.join('.')}: ${message}`;
}

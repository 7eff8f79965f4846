/** The author's source: its two forms, and the way from a place in what is run to the place in what was written. */
import { stripTypes } from './typescript.js';
import type { CodeFailure, CodeRequest } from '../protocol.js';

/** On one line with the source, so that lines stay what they are; columns of the first line are moved. */
const HEAD = '(async function (input, context) {';
const TAIL = '\n})';

export interface AuthorCode {
  readonly code: string;
  readonly isModule: boolean;
}

export type Forms =
  | { readonly ok: true; readonly forms: readonly AuthorCode[] }
  | { readonly ok: false; readonly failure: CodeFailure };

/**
 * What the source may be, to be compiled in this order: the body of a function, for a body is no module (`export` is a
 * syntax error there), or, where it has the word `export`, a module, for a module is no body (`return` is one there).
 */
export function formsOf({ language, source }: Pick<CodeRequest, 'language' | 'source'>): Forms {
  const body: AuthorCode = { code: `${HEAD}${source}${TAIL}`, isModule: false };
  const module: AuthorCode = { code: source, isModule: true };
  const forms = /\bexport\b/.test(source) ? [body, module] : [body];
  if (language === 'javascript') return { ok: true, forms };
  const stripped = forms.map(({ code, isModule }) => ({ isModule, result: stripTypes(code, isModule) }));
  const usable = stripped.flatMap(({ isModule, result }) =>
    result.ok ? [{ code: result.code, isModule }] : [],
  );
  const last = stripped.at(-1);
  if (usable.length > 0 || last === undefined || last.result.ok) return { ok: true, forms: usable };
  return { ok: false, failure: placed(last.result.failure, last.isModule) };
}

/** Where the author's code is said to lie. */
export function fileNameOf({ language }: Pick<CodeRequest, 'language'>): string {
  return language === 'typescript' ? 'step.ts' : 'step.js';
}

function placed(failure: CodeFailure, isModule: boolean): CodeFailure {
  const { line, column } = failure;
  if (line === undefined || column === undefined) return failure;
  return { ...failure, line, column: columnOf(line, column, isModule) };
}

function columnOf(line: number, column: number, isModule: boolean): number {
  return isModule || line !== 1 ? column : Math.max(1, column - HEAD.length);
}

/** Frames of the platform's own parts leave, and places become the author's. For text that may hold a stack. */
export function toAuthorsPlaces(text: string, isModule: boolean): string {
  return text
    .replaceAll(/^ +at [^\n]*\bmillrace:[^\n]*\n?/gm, '')
    .replaceAll(/\b(step\.[jt]s):(\d+):(\d+)/g, (_, file: string, line: string, column: string) => {
      return `${file}:${line}:${String(columnOf(Number(line), Number(column), isModule))}`;
    });
}

/** The first place of the author's own in a stack. */
export function firstPlace(stack: string): { line: number; column: number } | undefined {
  const [, line, column] = /\bstep\.[jt]s:(\d+):(\d+)/.exec(stack) ?? [];
  return line === undefined || column === undefined
    ? undefined
    : { line: Number(line), column: Number(column) };
}

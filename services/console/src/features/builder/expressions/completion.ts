import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import { isJsonObject, type JsonValue } from '@millrace/contracts';
import type { ExpressionLanguage } from '@millrace/engine';
import { CEL_FUNCTIONS, JSONATA_FUNCTIONS } from './functions';
import type { ExpressionScope } from './scope';

export interface CompletionKnowledge {
  readonly scope: ExpressionScope;
  readonly secretNames: readonly string[];
  /** `secret()` may stand here. */
  readonly allowsSecrets: boolean;
}

/** A chain of names up to the cursor: `steps.load.out`, `steps["a-b"].output.`, steps.`a-b`. */
const CHAIN =
  /(?:[A-Za-z_]\w*|`[^`]*`)(?:\.(?:[A-Za-z_]\w*|`[^`]*`)|\["[^"]*"\]|\[\d+\])*\.?(?:[A-Za-z_]\w*|`[^`]*)?$/;
const STEP_MEMBERS: readonly (readonly [string, string])[] = [
  ['output', 'what it yielded'],
  ['status', 'completed, failed, skipped …'],
  ['error', 'code and message'],
];

/** Completes parameters, outputs of the steps before, functions and names of secrets. */
export function completeExpressions(
  language: ExpressionLanguage,
  knowledge: () => CompletionKnowledge,
): CompletionSource {
  return (context) => {
    const line = context.state.doc.sliceString(0, context.pos);
    if (language === 'template' && !isInExpression(line)) return offerBraces(context);
    const secret = /secret\(\s*"([\w.-]*)$/.exec(line);
    if (secret) return secretNames(context, secret[1] ?? '', knowledge());
    const word = context.matchBefore(/\$?\w*$/);
    const chain = CHAIN.exec(line)?.[0] ?? '';
    if (chain === '' && !context.explicit && (word === null || word.from === word.to)) return null;
    const isCel = language === 'cel';
    const dot = lastDot(chain);
    if (dot === -1) return rootOptions(context, word?.from ?? context.pos, isCel, knowledge());
    const path = namesIn(chain.slice(0, dot));
    const typed = chain.slice(dot + 1);
    return memberOptions(context.pos - typed.length, path, isCel, knowledge().scope);
  };
}

/** `=` at the beginning, or behind `{{` that is still open. */
function isInExpression(text: string): boolean {
  return text.startsWith('=') || text.lastIndexOf('{{') > text.lastIndexOf('}}');
}

function offerBraces(context: CompletionContext): CompletionResult | null {
  const open = context.matchBefore(/\{\{?$/);
  if (open === null && !context.explicit) return null;
  const from = open?.from ?? context.pos;
  const options: Completion[] = [{ label: '{{ }}', detail: 'expression in the text', apply: applyBraces }];
  if (context.pos === 0 && open === null)
    options.push({ label: '=', detail: 'the whole value is an expression' });
  return { from, options, filter: false };
}

const applyBraces: Exclude<Completion['apply'], string | undefined> = (view, _completion, from, to) => {
  view.dispatch({ changes: { from, to, insert: '{{  }}' }, selection: { anchor: from + 3 } });
};

function secretNames(
  context: CompletionContext,
  typed: string,
  { secretNames: names }: CompletionKnowledge,
): CompletionResult {
  return { from: context.pos - typed.length, options: names.map((label) => ({ label, detail: 'secret' })) };
}

const isQuoted = (chain: string, at: number): boolean =>
  (chain.slice(0, at).match(/`/g)?.length ?? 0) % 2 === 1 ||
  (chain.slice(0, at).match(/"/g)?.length ?? 0) % 2 === 1;

function lastDot(chain: string): number {
  for (let at = chain.length - 1; at >= 0; at -= 1) if (chain[at] === '.' && !isQuoted(chain, at)) return at;
  return -1;
}

function namesIn(chain: string): string[] {
  return [...chain.matchAll(/([A-Za-z_]\w*)|`([^`]*)`|\["([^"]*)"\]|\[(\d+)\]/g)].map(
    ([, plain, ticked, quoted, index]) => plain ?? ticked ?? quoted ?? index ?? '',
  );
}

function rootOptions(
  context: CompletionContext,
  from: number,
  isCel: boolean,
  { scope, allowsSecrets }: CompletionKnowledge,
): CompletionResult {
  const roots = Object.entries(scope.values).map(([label, value]) => ({
    label,
    detail: describe(value),
    boost: 2,
  }));
  const functions = isCel ? CEL_FUNCTIONS : JSONATA_FUNCTIONS;
  const options: Completion[] = [...roots, ...functions];
  if (allowsSecrets && !isCel)
    options.push({
      label: 'secret',
      detail: '("name")',
      apply: 'secret("',
      info: 'The value of a secret; only its name is recorded',
    });
  return { from: Math.min(from, context.pos), options, validFor: /^\$?\w*$/ };
}

function memberOptions(
  from: number,
  path: readonly string[],
  isCel: boolean,
  scope: ExpressionScope,
): CompletionResult | null {
  const options = optionsAt(path, isCel, scope);
  return options.length === 0 ? null : { from, options, validFor: /^[\w`]*$/ };
}

function optionsAt(path: readonly string[], isCel: boolean, scope: ExpressionScope): Completion[] {
  const [root, stepId] = path;
  if (root === 'steps' && path.length === 1) {
    return scope.steps.map((id, index) =>
      member(id, isCel, describe(follow(scope.values, ['steps', id, 'output'])), -index),
    );
  }
  if (root === 'steps' && path.length === 2 && scope.steps.includes(stepId ?? '')) {
    return STEP_MEMBERS.map(([label, detail], index) => ({ label, detail, boost: -index }));
  }
  const value = follow(scope.values, path);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([name, inner], index) => member(name, isCel, describe(inner), -index));
}

/** A name that is no word is quoted, in the way of the language (rule E10). */
function member(name: string, isCel: boolean, detail: string, boost: number): Completion {
  const option = { label: name, detail, boost: Math.max(-99, boost) };
  if (/^[A-Za-z_]\w*$/.test(name)) return option;
  if (!isCel) return { ...option, apply: `\`${name}\`` };
  return {
    ...option,
    // Takes the place of the dot that was typed before it.
    apply: (view, _completion, from, to) => {
      const insert = `["${name}"]`;
      view.dispatch({
        changes: { from: from - 1, to, insert },
        selection: { anchor: from - 1 + insert.length },
      });
    },
  };
}

/** The value at the end of names. A list answers for its first item, as JSONata goes through all of them. */
function follow(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  const here = Array.isArray(value) && !/^\d+$/.test(path[0] ?? '') ? value[0] : value;
  const [name, ...rest] = path;
  if (name === undefined) return here;
  if (Array.isArray(here)) return follow(here[Number(name)], rest);
  return isJsonObject(here) && Object.hasOwn(here, name) ? follow(here[name], rest) : undefined;
}

const SHORT = 28;

function describe(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (isJsonObject(value)) return 'object';
  const text = JSON.stringify(value);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

import { isJsonObject, type JsonObject, type JsonValue } from '@millrace/contracts';
import type { AgentResults } from '../../agents/outputs.js';
import type { Observation } from '../../agents/run-tool.js';
import type { AgentType } from '../../agents/types.js';
import { findFiles, isHandWritten, type InputFile } from '../files.js';
import { languageOf } from '../source/language.js';

/** A call that a rule wants to make, and what came of it. */
export interface PlannedCall {
  readonly tool: 'code' | 'context';
  readonly input: JsonObject;
  /** Of the file whose source is run. */
  readonly path?: string;
}
export interface Observed {
  readonly call: PlannedCall;
  readonly seen: Observation;
}

const MAX_FILES = 5;
const MAX_STEPS = 5;
const MAX_SOURCE = 90_000;

/**
 * A file as the body of a function that ends before it begins: the sandbox parses all of it and runs nothing of it.
 * Lines stay where they are. Imports and exports, which a body cannot have, are taken away.
 */
function asBody(content: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, '');
  const body = content
    .replace(/^#!.*/, '')
    .replace(/^[ \t]*import\b(?!\s*\()[^;'"]*(?:from\s*)?['"][^'"\n]*['"][ \t]*;?/gm, blank)
    .replace(/^[ \t]*export\s+(?:\*|\{)[^;'"}]*\}?(?:\s*from\s*['"][^'"\n]*['"])?[ \t]*;?/gm, blank)
    .replace(/^([ \t]*)export\s+default\s+/gm, '$1void ')
    .replace(/^([ \t]*)export\s+/gm, '$1');
  return `return "parsed"; ${body}`;
}

function isRunnable({ path, content }: InputFile): boolean {
  return (
    languageOf(path) === 'javascript' &&
    !path.endsWith('x') &&
    content.length <= MAX_SOURCE &&
    !content.includes('import.meta')
  );
}

function codeCalls(files: readonly InputFile[]): PlannedCall[] {
  return files
    .filter(isRunnable)
    .slice(0, MAX_FILES)
    .map(({ path, content }) => ({ tool: 'code', path, input: { source: asBody(content) } }));
}

function isEmpty(input: JsonValue): boolean {
  if (Array.isArray(input)) return input.length === 0;
  return isJsonObject(input) ? Object.keys(input).length === 0 : input === null || input === '';
}

/** First what there is; then, where the step was given nothing, the parameters and outputs themselves. */
function contextCalls(input: JsonValue, before: readonly Observed[]): PlannedCall[] {
  const [first] = before;
  if (first === undefined) return [{ tool: 'context', input: {} }];
  if (before.length > 1 || !isEmpty(input) || !first.seen.ok || !isJsonObject(first.seen.output)) return [];
  const { steps } = first.seen.output;
  const paths = Array.isArray(steps)
    ? steps.flatMap((step) => (isJsonObject(step) && typeof step['path'] === 'string' ? [step['path']] : []))
    : [];
  return ['parameters', ...paths.slice(-MAX_STEPS)].map((path) => ({ tool: 'context', input: { path } }));
}

/** The calls of the next turn; none ends the loop. `draft` is the result so far, for agents that write code. */
export function nextCalls(
  agentType: AgentType,
  input: JsonValue,
  tools: readonly string[],
  before: readonly Observed[],
  draft: AgentResults[AgentType] | undefined,
): PlannedCall[] {
  const calls =
    agentType === 'code_review' || agentType === 'testing'
      ? before.length === 0
        ? codeCalls(findFiles(input).filter(isHandWritten))
        : []
      : agentType === 'code_generation'
        ? before.length === 0 && draft && 'files' in draft
          ? codeCalls(draft.files)
          : []
        : contextCalls(input, before);
  return calls.filter(({ tool }) => tools.includes(tool));
}

/** An input with what was looked up, where it held nothing by itself. */
export function withLookedUp(input: JsonValue, observed: readonly Observed[]): JsonValue {
  if (!isEmpty(input)) return input;
  const found = observed.flatMap(({ call, seen }): [string, JsonValue][] => {
    const { path } = call.input;
    if (typeof path !== 'string' || !seen.ok || !isJsonObject(seen.output)) return [];
    const { value } = seen.output;
    return value === undefined ? [] : [[path, value]];
  });
  if (found.length === 0) return input;
  const parameters = found.find(([path]) => path === 'parameters')?.[1];
  // The parameters lie at the top, as they do in the input of a step that was given none.
  return Object.fromEntries([
    ...(isJsonObject(parameters ?? null) ? Object.entries(parameters ?? {}) : []),
    ...found.filter(([path]) => path !== 'parameters'),
  ]);
}

interface Syntax {
  readonly path: string;
  readonly message: string;
  readonly line: number;
}

/** What the sandbox could not parse. Other failures of the tool say nothing about the source. */
function syntaxErrors(observed: readonly Observed[]): Syntax[] {
  return observed.flatMap(({ call, seen }) => {
    if (call.path === undefined || seen.ok || !/^code_invalid|SyntaxError/.test(seen.error)) return [];
    const line = Number(/"line":(\d+)|\bline (\d+)/.exec(seen.error)?.slice(1).find(Boolean) ?? 1);
    return [
      {
        path: call.path,
        message: seen.error.replace(/^code_invalid: /, '').slice(0, 300),
        line: Math.max(1, line),
      },
    ];
  });
}

function severely(
  review: AgentResults['code_review'],
  errors: readonly Syntax[],
): AgentResults['code_review'] {
  if (errors.length === 0) return review;
  const findings = errors.map(({ path, message, line }) => ({
    ...({ rule: 'does-not-parse', severity: 'error', path, line, excerpt: '' } as const),
    message: `The sandbox cannot parse the file: ${message}`,
  }));
  const { summary } = review;
  return {
    ...review,
    verdict: 'request_changes',
    findings: [...findings, ...review.findings],
    summary: {
      ...summary,
      findings: summary.findings + findings.length,
      errors: summary.errors + findings.length,
    },
  };
}

function noteOf(agentType: AgentType, observed: readonly Observed[], errors: readonly Syntax[]): string[] {
  if (observed.length === 0) return ['No tool had anything to do: the code tool runs JavaScript alone.'];
  if (observed[0]?.call.tool === 'context') {
    const paths = observed.flatMap(({ call, seen }) =>
      seen.ok ? (call.input['path'] ?? 'the workflow') : [],
    );
    return [`Looked up ${paths.map(String).join(', ')}.`];
  }
  const parsed = observed.filter(({ seen }) => seen.ok).flatMap(({ call }) => call.path ?? []);
  const away = observed.filter(
    ({ call, seen }) => !seen.ok && !errors.some(({ path }) => path === call.path),
  );
  return [
    ...(parsed.length > 0 ? [`The sandbox parsed ${parsed.join(', ')}.`] : []),
    ...(agentType === 'code_review'
      ? []
      : errors.map(({ path, message }) => `The sandbox cannot parse ${path}: ${message}`)),
    ...away.map(
      ({ call, seen }) =>
        `The sandbox could not say whether ${call.path ?? ''} parses${seen.ok ? '' : ` (${seen.error.slice(0, 200)})`}.`,
    ),
  ];
}

type Judge<Type extends AgentType> = (
  result: AgentResults[Type],
  errors: readonly Syntax[],
) => AgentResults[Type];
const asItIs = <Result>(result: Result): Result => result;

const JUDGES: { readonly [Type in AgentType]: Judge<Type> } = {
  planning: asItIs,
  code_generation: asItIs,
  testing: asItIs,
  code_review: severely,
  ci_cd: asItIs,
  requirement_engineering: asItIs,
  program_manager: asItIs,
};

/** The result with what the tools have shown. */
export function withObserved<Type extends AgentType>(
  agentType: Type,
  result: AgentResults[Type],
  observed: readonly Observed[],
): AgentResults[Type] {
  const errors = syntaxErrors(observed);
  const judged = JUDGES[agentType](result, errors);
  return { ...judged, notes: [...judged.notes, ...noteOf(agentType, observed, errors)] };
}

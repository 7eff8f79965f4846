import { ApiProblem, NetworkError } from '@millrace/client';
import type { ErrorItem } from '@millrace/contracts';
import { clean } from './render/text.js';

/** Something the user can put right; printed without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Where in the user's file an error item of a definition points to, as `file:line:column`. */
export type Locate = (path: readonly (string | number)[]) => string | undefined;

/** A refusal of a definition, with the way back to its lines. */
export class DefinitionRefused extends Error {
  override readonly name = 'DefinitionRefused';
  readonly problem: ApiProblem;
  readonly locate: Locate;

  constructor(problem: ApiProblem, locate: Locate) {
    super(problem.detail, { cause: problem });
    this.problem = problem;
    this.locate = locate;
  }
}

/** `nodes[0].data.label`, without the leading "body". */
export function formatLoc(loc: readonly (string | number)[]): string {
  const path = loc[0] === 'body' ? loc.slice(1) : loc;
  const text = path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
  return text || '(body)';
}

function itemLine(item: ErrorItem, locate: Locate | undefined): string {
  const path = item.loc[0] === 'body' ? item.loc.slice(1) : item.loc;
  const place = locate?.(path);
  return `  ${place === undefined ? '' : `${place}: `}${formatLoc(item.loc)}: ${item.msg}`;
}

/** The lines to print for whatever was thrown; the first one is the message. */
export function describeError(error: unknown): string[] {
  return rawLines(error).map(clean);
}

function rawLines(error: unknown): string[] {
  if (error instanceof DefinitionRefused) return problemLines(error.problem, error.locate);
  if (error instanceof ApiProblem) return problemLines(error, undefined);
  if (error instanceof NetworkError) {
    return [error.message, '  Is the platform running there? Set its address with --url or MILLRACE_URL.'];
  }
  if (error instanceof CliError) {
    return [...error.message.split('\n'), ...(error.hint === undefined ? [] : [`  ${error.hint}`])];
  }
  return [error instanceof Error ? error.message : String(error)];
}

function problemLines(problem: ApiProblem, locate: Locate | undefined): string[] {
  const lines = [problem.detail, ...problem.errors.map((item) => itemLine(item, locate))];
  if (problem.status === 401)
    lines.push('  Sign in with "millrace login", or set MILLRACE_TOKEN or MILLRACE_API_KEY.');
  if (problem.status === 412) lines.push('  It was changed meanwhile: look at it and run the command again.');
  if (problem.retryAfter !== undefined) lines.push(`  Try again in ${Math.ceil(problem.retryAfter)} s.`);
  if (problem.requestId !== undefined) lines.push(`  request ${problem.requestId} (HTTP ${problem.status})`);
  return lines;
}

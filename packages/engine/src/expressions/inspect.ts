import { compileCel } from './cel.js';
import { compileJsonata } from './jsonata.js';
import { compileTemplate } from './template.js';
import type { Compiled } from './evaluated.js';
import type { ScopePath } from './scope-paths.js';

/** What a field of a definition is written in; `template` is text that may be `=…` or hold `{{ … }}`. */
export type ExpressionLanguage = 'cel' | 'jsonata' | 'template';

export interface ExpressionFacts {
  /** Without repeats. */
  readonly scopePaths: readonly ScopePath[];
  readonly secretNames: readonly string[];
}

/** What an editor can tell of an expression while it is written: what it refers to, or why it does not parse. */
export function inspectExpression(language: ExpressionLanguage, text: string): Compiled<ExpressionFacts> {
  if (language === 'template') return inspectTemplate(text);
  const compiled = language === 'cel' ? compileCel(text) : compileJsonata(text);
  if (!compiled.ok) return compiled;
  const { value } = compiled;
  const secretNames = 'secretNames' in value ? value.secretNames : [];
  return { ok: true, value: { scopePaths: value.scopePaths(), secretNames } };
}

function inspectTemplate(text: string): Compiled<ExpressionFacts> {
  const { problems, expressions } = compileTemplate(text);
  const [problem] = problems;
  if (problem !== undefined) return { ok: false, message: problem.message, position: null };
  const paths = new Map<string, ScopePath>();
  for (const expression of expressions) {
    const compiled = compileJsonata(expression.text);
    for (const path of compiled.ok ? compiled.value.scopePaths() : []) paths.set(JSON.stringify(path), path);
  }
  const secretNames = new Set(expressions.flatMap((expression) => expression.secretNames));
  return { ok: true, value: { scopePaths: [...paths.values()], secretNames: [...secretNames] } };
}

import type { JsonObject, JsonValue } from '@millrace/contracts';
import { compileCel } from './cel.js';
import { failed, type Evaluated } from './evaluated.js';
import { compileJsonata, evaluateJsonata, type JsonataBindings } from './jsonata.js';
import { compileTemplate } from './template.js';
import type { ExpressionLanguage } from './inspect.js';

/**
 * What an expression yields over a scope given as JSON: `parameters`, `steps`, `execution` and whatever else its place has
 * (rule E1). It means what it means in an execution, but is evaluated in this very thread: call it where it can be ended.
 */
export async function evaluateExpression(
  language: ExpressionLanguage,
  text: string,
  scope: JsonObject,
  bindings: JsonataBindings,
): Promise<Evaluated> {
  if (language === 'template') return evaluateTemplate(text, scope, bindings);
  if (language === 'cel') {
    const compiled = compileCel(text);
    return compiled.ok ? compiled.value.evaluate(scope) : failed('expression_invalid', compiled.message);
  }
  const compiled = compileJsonata(text);
  if (!compiled.ok) return failed('expression_invalid', compiled.message);
  return compiled.value.needsThread
    ? evaluateJsonata(text, scope, bindings)
    : compiled.value.evaluateSync(scope);
}

/** As `evaluateExpression`, for JSON whose strings are templates: an `input`, or a whole configuration. */
export async function evaluateTemplate(
  json: JsonValue,
  scope: JsonObject,
  bindings: JsonataBindings,
): Promise<Evaluated> {
  const template = compileTemplate(json);
  const [problem] = template.problems;
  if (problem !== undefined) return failed('expression_invalid', problem.message);
  const results: JsonValue[] = [];
  for (const text of template.threadExpressions) {
    const result = await evaluateJsonata(text, scope, bindings);
    if (!result.ok) return result;
    results.push(result.value);
  }
  return template.assemble(scope, results);
}

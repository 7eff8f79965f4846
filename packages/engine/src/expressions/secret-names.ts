import type { JsonValue } from '@millrace/contracts';
import { compileTemplate } from './template.js';

/** Every secret that the templates in a value name, in order and without repeats: of a step, or of a whole graph. */
export function secretNamesIn(json: JsonValue): string[] {
  const names = compileTemplate(json).expressions.flatMap((expression) => expression.secretNames);
  return [...new Set(names)].sort();
}

import type { JsonObject, JsonValue, StepKind } from '@millrace/contracts';
import { isAt, untemplatedPaths, type Evaluated } from '@millrace/engine';

/** What the expressions of a step saw when it began, as far as the log tells. */
export interface RecordedScope {
  readonly values: JsonObject;
  /** Names that it saw too and that no record tells the value of. */
  readonly unknown: readonly string[];
}

export interface Rendered {
  readonly value: JsonValue;
  /** Expressions that stand as they were written: what they yielded cannot be told. */
  readonly left: readonly string[];
}

type EvaluateTemplate = (text: string, scope: JsonObject) => Promise<Evaluated>;

/** Another moment, other values. */
const OF_THE_MOMENT = /\$(now|millis|random|shuffle)\b/;

export const isTemplate = (text: string): boolean => text.startsWith('=') || text.includes('{{');

/** The strings of a configuration that were filled in before the step began. */
export function templatesIn(kind: StepKind, config: JsonObject): readonly string[] {
  const found: string[] = [];
  const paths = untemplatedPaths(kind);
  const walk = (value: JsonValue, loc: readonly (string | number)[]): void => {
    if (isAt(paths, loc)) return;
    if (typeof value === 'string' && isTemplate(value)) found.push(value);
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) walk(inner, [...loc, name]);
  };
  walk(config, []);
  return found;
}

/** A configuration with its templates filled in again, by the engine's own evaluator. Secrets stay their names. */
export async function renderConfiguration(
  kind: StepKind,
  config: JsonObject,
  { values, unknown }: RecordedScope,
  evaluate: EvaluateTemplate,
): Promise<Rendered> {
  const paths = untemplatedPaths(kind);
  const left: string[] = [];
  const canBeTold = (text: string): boolean =>
    !OF_THE_MOMENT.test(text) && !unknown.some((name) => mentions(text, name));

  async function render(value: JsonValue, loc: readonly (string | number)[]): Promise<JsonValue> {
    if (isAt(paths, loc)) return value;
    if (typeof value === 'string') {
      if (!isTemplate(value)) return value;
      const result = canBeTold(value) ? await evaluate(value, values) : undefined;
      if (result?.ok === true) return result.value;
      left.push(value);
      return value;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const items: JsonValue[] = [];
      for (const [index, item] of value.entries()) items.push(await render(item, [...loc, index]));
      return items;
    }
    const fields: [string, JsonValue][] = [];
    for (const [name, inner] of Object.entries(value))
      fields.push([name, await render(inner, [...loc, name])]);
    return Object.fromEntries(fields);
  }
  return { value: await render(config, []), left };
}

/** Whether a name stands in a text as a word of its own. */
export function mentions(text: string, name: string): boolean {
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && /[\w-]/.test(character);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isWord(text[at - 1]) && !isWord(text[at + name.length])) return true;
  return false;
}

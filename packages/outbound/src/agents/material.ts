import { isJsonObject, type JsonValue } from '@millrace/contracts';

/** Records of how an agent worked say nothing about the work that the next one gets. */
const RECORDS = new Set(['reasoning', 'conversation', 'fallbacks', 'usage']);
const MAX_DEPTH = 12;

/**
 * An input without the records of the agents whose outputs are in it. Only the records beside `provider` and `model`
 * go: `=steps.a.output.reasoning`, given by itself, stays.
 */
export function materialOf(input: JsonValue, depth = 0): JsonValue {
  if (depth > MAX_DEPTH) return input;
  if (Array.isArray(input)) return input.map((item) => materialOf(item, depth + 1));
  if (!isJsonObject(input)) return input;
  const isAgentOutput =
    Object.hasOwn(input, 'provider') && Object.hasOwn(input, 'model') && Object.hasOwn(input, 'usage');
  return Object.fromEntries(
    Object.entries(input)
      .filter(([key]) => !isAgentOutput || !RECORDS.has(key))
      .map(([key, value]) => [key, materialOf(value, depth + 1)]),
  );
}

import { descriptorOf, isJsonObject, type JsonValue, type StepKind } from '@millrace/contracts';
import type { PlanStep } from './graph/plan.js';

/** Kinds that do nothing with their input beyond what their configuration says. */
const WITHOUT_INPUT: ReadonlySet<StepKind> = new Set(['set', 'delay', 'http_request']);

const MENTION = /\bparameters\b(?:\s*\.\s*([A-Za-z_][A-Za-z0-9_]*))?/g;

/** JSONata's ways to the whole scope: the context `$`, the root `$$`, and a wildcard where a name could stand. */
const WHOLE_SCOPE = /\$(?![A-Za-z_])|(?:^|[=([{,:;<>+\-/&?~!|]|\b(?:and|or|in)\b)\s*\*|\{\{\s*\*/;

/**
 * May the step have read one of these parameters (rule U6)? Told by its text, so it answers yes where it cannot tell: an
 * expression that takes the parameters, or everything, as a whole, and the default input of a kind that uses it.
 */
export function readsParameters(step: PlanStep, keys: ReadonlySet<string>): boolean {
  if (keys.size === 0) return false;
  const { hasBody = false } = descriptorOf(step.kind);
  // Steps in a body have inputs of their own, with the parameters in them where the author wrote none.
  if (hasBody || (step.input === undefined && !WITHOUT_INPUT.has(step.kind))) return true;
  return mentions(step.config, keys) || (step.input !== undefined && mentions(step.input, keys));
}

/** Looks through a value without recursion. */
function mentions(value: JsonValue, keys: ReadonlySet<string>): boolean {
  const pending: JsonValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') {
      if (textMentions(next, keys)) return true;
    } else if (Array.isArray(next)) {
      for (const item of next) pending.push(item);
    } else if (isJsonObject(next)) {
      for (const item of Object.values(next)) pending.push(item);
    }
  }
  return false;
}

function textMentions(text: string, keys: ReadonlySet<string>): boolean {
  for (const [, key] of text.matchAll(MENTION)) {
    if (key === undefined || keys.has(key)) return true;
  }
  return WHOLE_SCOPE.test(text);
}

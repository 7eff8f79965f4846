import { isJsonObject } from '@millrace/contracts';
import { parseJson } from '../json.js';
import type { AgentResults } from './outputs.js';
import type { AgentError, AgentOutcome, AgentType, AgentUsage } from './types.js';

export function failure(error: AgentError): AgentOutcome {
  return { ok: false, error };
}

/** Results hold nothing but JSON by their schemas; the round trip proves it and drops what is undefined. */
export function success(
  result: AgentResults[AgentType],
  provider: 'offline' | 'openai-compatible',
  model: string | null,
  usage: AgentUsage | null,
): AgentOutcome {
  const json = parseJson(JSON.stringify(result));
  const fields = isJsonObject(json) ? json : {};
  return { ok: true, output: { ...fields, provider, model, usage: usage === null ? null : { ...usage } } };
}

import { isJsonObject, type JsonObject } from '@millrace/contracts';
import { parseJson } from '../json.js';
import type { AgentError, AgentOutcome, AgentUsage } from './types.js';

export function failure(error: AgentError, usage: AgentUsage | null = null): AgentOutcome {
  return { ok: false, error, usage };
}

/** Results hold nothing but JSON by their schemas; the round trip proves it and drops what is undefined. */
export function plainObject(value: object): JsonObject {
  const json = parseJson(JSON.stringify(value));
  return isJsonObject(json) ? json : {};
}

export interface Answerer {
  readonly provider: string;
  readonly model: string | null;
}

/** The result, who answered, what it took, and what was recorded on the way (`reasoning`, `conversation`, …). */
export function success(
  result: object,
  { provider, model }: Answerer,
  usage: AgentUsage | null,
  record: object = {},
): AgentOutcome {
  const counted = usage === null ? null : { ...usage };
  return {
    ok: true,
    usage: counted,
    output: { ...plainObject(result), provider, model, usage: counted, ...plainObject(record) },
  };
}

import { compileOutputSchema, type JsonObject, jsonObject } from '@millrace/contracts';
import * as z from 'zod';
import { AGENT_OUTPUTS } from './outputs.js';
import type { AgentConfig, AgentType } from './types.js';

/** The shape of a result: for the model as JSON Schema, and the check that enforces it. */
export interface ResultSchema {
  readonly json: JsonObject;
  readonly check: z.ZodType<object>;
}

/** The author's schema where there is one, else the agent type's. The configuration has been checked. */
export function resultSchemaOf(
  agentType: AgentType,
  { output_schema: own }: Pick<AgentConfig, 'output_schema'>,
): ResultSchema {
  if (own !== undefined) return { json: own, check: compileOutputSchema(own) };
  const check = AGENT_OUTPUTS[agentType];
  return { json: jsonObject.parse(z.toJSONSchema(check)), check };
}

/** Written for a model and for a person alike. */
export function describeIssues({ issues }: z.ZodError): string {
  const shown = issues
    .slice(0, 8)
    .map((issue) => `${issue.path.map(String).join('.') || 'the object'}: ${issue.message}`);
  const rest = issues.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${String(rest)} more`] : [])].join('; ');
}

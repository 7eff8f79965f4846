import type { JsonValue } from '@millrace/contracts';
import { AGENT_OUTPUTS, type AgentConfig, type AgentResults, type AgentType } from '../../src/index.js';
import { runOfflineAgent } from '../../src/offline/run.js';

/** Runs an offline agent in this process and gives its result by type. */
export function work<Type extends AgentType>(
  agentType: Type,
  input: JsonValue,
  config: AgentConfig = {},
  label = 'Step',
): AgentResults[Type] {
  const outcome = runOfflineAgent({ agentType, config, input, label });
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  const { provider, model, usage, ...result } = outcome.output;
  if (provider !== 'offline' || model !== null || usage !== null)
    throw new Error('Not labelled as offline work');
  const schemas: { readonly [Key in AgentType]: { parse(value: unknown): AgentResults[Key] } } =
    AGENT_OUTPUTS;
  return schemas[agentType].parse(result);
}

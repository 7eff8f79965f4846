import type { JsonValue } from '@millrace/contracts';
import {
  AGENT_OUTPUTS,
  createAgentRunner,
  type AgentConfig,
  type AgentResults,
  type AgentType,
} from '../../src/index.js';

/** Runs an offline agent through the public door and gives its result by type. */
export async function work<Type extends AgentType>(
  agentType: Type,
  input: JsonValue,
  config: AgentConfig = {},
  label = 'Step',
): Promise<AgentResults[Type]> {
  const outcome = await createAgentRunner().run({ agentType, config, input, label });
  if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  const { provider, model, usage, ...result } = outcome.output;
  if (provider !== 'offline' || model !== null || usage !== null)
    throw new Error('Not labelled as offline work');
  const schemas: { readonly [Key in AgentType]: { parse(value: unknown): AgentResults[Key] } } =
    AGENT_OUTPUTS;
  return schemas[agentType].parse(result);
}

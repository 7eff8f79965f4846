export { AGENT_OUTPUTS, type AgentResults } from './agents/outputs.js';
export { createAgentRunner, type AgentRunner, type AgentRunnerConfig } from './agents/runner.js';
export type {
  AgentConfig,
  AgentError,
  AgentErrorCode,
  AgentOutcome,
  AgentOutput,
  AgentRequest,
  AgentType,
  AgentUsage,
} from './agents/types.js';
export { AGENT_TYPES } from './agents/types.js';
export { createGuardedHttp } from './http/client.js';
export type * from './http/types.js';
export type { Fault, OutboundError } from './outcome.js';
export type { AgentTool, ToolContext, ToolOutcome } from './tools/types.js';

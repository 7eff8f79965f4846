export type { AgentErrorCode } from './agents/errors.js';
export type { Price, Prices } from './agents/ledger.js';
export { type Memory, recall, type Recollection } from './agents/memory.js';
export { AGENT_OUTPUTS, type AgentResults } from './agents/outputs.js';
export { patternOf, toolNamesOf } from './agents/pattern.js';
export { createAgentRunner, type AgentRunner } from './agents/runner.js';
export type {
  AgentConfig,
  AgentError,
  AgentOutcome,
  AgentOutput,
  AgentRequest,
  AgentType,
  AgentUsage,
  Allowance,
  SharedBudget,
  TokenSource,
} from './agents/types.js';
export { AGENT_TYPES } from './agents/types.js';
export { createGuardedHttp } from './http/client.js';
export { createTargetCheck } from './http/target-check.js';
export type * from './http/types.js';
export type { LlmSettings, ProviderName, ProviderSettings } from './llm/settings.js';
export type { Fault, OutboundError } from './outcome.js';
export type { CodeRunner } from './tools/code-tool.js';
export type { ToolScope } from './tools/context-tool.js';
export { createMcpClients, type McpClients, type McpOptions } from './tools/mcp/servers.js';
export {
  createToolbox,
  type Toolbox,
  type ToolboxOptions,
  type ToolboxStep,
  type ToolSelection,
} from './tools/toolbox.js';
export type { AgentTool, ToolContext, ToolFailure, ToolOutcome } from './tools/types.js';

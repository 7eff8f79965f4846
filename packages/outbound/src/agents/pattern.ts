import { type AgentToolName, DEFAULT_AGENT_TOOLS, type ReasoningPattern } from '@millrace/contracts';
import type { AgentConfig, AgentType } from './types.js';

type Reasoning = Pick<AgentConfig, 'reasoning_pattern' | 'tools'>;

/** How an agent works: by the pattern it was given; with tools and no pattern, in a loop with them. */
export function patternOf({
  reasoning_pattern: pattern,
  tools = [],
}: Reasoning): ReasoningPattern | undefined {
  return pattern ?? (tools.length > 0 ? 'react' : undefined);
}

/** The tools of an agent: those of its configuration; in the pattern `react` without any, those of its type. */
export function toolNamesOf(agentType: AgentType, config: Reasoning): readonly AgentToolName[] {
  if (config.tools !== undefined) return config.tools;
  return config.reasoning_pattern === 'react' ? DEFAULT_AGENT_TOOLS[agentType] : [];
}

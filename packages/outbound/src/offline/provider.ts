import type { AgentResults } from '../agents/outputs.js';
import type { AgentType } from '../agents/types.js';
import { ciCd } from './ci-cd.js';
import { codeGeneration } from './code-generation.js';
import { codeReview } from './code-review.js';
import { planning } from './planning.js';
import { programManager } from './program-manager.js';
import { requirementEngineering } from './requirement-engineering.js';
import { testing } from './testing.js';
import type { OfflineAgent, Work } from './work.js';

const AGENTS: { readonly [Type in AgentType]: OfflineAgent<Type> } = {
  planning,
  code_generation: codeGeneration,
  testing,
  code_review: codeReview,
  ci_cd: ciCd,
  requirement_engineering: requirementEngineering,
  program_manager: programManager,
};

/** The rule-based work of one agent type; throws an `OutboundFailure` where the input contradicts itself. */
export function runOffline<Type extends AgentType>(agentType: Type, work: Work): AgentResults[Type] {
  return AGENTS[agentType](work);
}

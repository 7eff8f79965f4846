import type * as z from 'zod';
import { ciCdOutput } from './ci-cd.js';
import { codeGenerationOutput } from './code-generation.js';
import { codeReviewOutput } from './code-review.js';
import { planningOutput } from './planning.js';
import { programManagerOutput } from './program-manager.js';
import { requirementEngineeringOutput } from './requirement-engineering.js';
import { testingOutput } from './testing.js';
import type { AgentType } from './types.js';

/**
 * The result shape of every agent type, enforced on both providers. Every key is required (null where there is
 * nothing), because strict structured output of the model services knows no optional keys.
 */
export const AGENT_OUTPUTS = {
  planning: planningOutput,
  code_generation: codeGenerationOutput,
  testing: testingOutput,
  code_review: codeReviewOutput,
  ci_cd: ciCdOutput,
  requirement_engineering: requirementEngineeringOutput,
  program_manager: programManagerOutput,
} as const satisfies Record<AgentType, z.ZodObject>;

export type AgentResults = { [Type in AgentType]: z.infer<(typeof AGENT_OUTPUTS)[Type]> };

import * as z from 'zod';
import { outputSchema } from './agent-schema.js';

export const AGENT_TYPES = [
  'planning',
  'code_generation',
  'testing',
  'code_review',
  'ci_cd',
  'requirement_engineering',
  'program_manager',
] as const;
export const agentType = z.enum(AGENT_TYPES).meta({ id: 'AgentType' });
export type AgentType = z.infer<typeof agentType>;

export const REASONING_PATTERNS = ['chain_of_thought', 'react', 'raise'] as const;
export type ReasoningPattern = (typeof REASONING_PATTERNS)[number];

/** Tools that every installation has; the operator adds servers of the Model Context Protocol. */
export const AGENT_TOOLS = ['http', 'code', 'context'] as const;
const toolName = z.union([
  z.enum(AGENT_TOOLS),
  z
    .string()
    .regex(
      /^mcp:[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_.-]{1,128})?$/,
      `must be ${AGENT_TOOLS.join(', ')}, or mcp:<server> or mcp:<server>/<tool>`,
    ),
]);
export type AgentToolName = z.infer<typeof toolName>;

const modelName = z.string().min(1).max(200);

const participant = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,49}$/, 'must be letters, digits, spaces, "_" or "-"'),
  role: z.string().min(1).max(4_000).describe('What this participant looks for'),
  model: modelName.optional().describe('Another model for this participant'),
});
export type AgentParticipant = z.infer<typeof participant>;

const memory = z.strictObject({
  key: z.string().min(1).max(100).describe('Steps of one execution with the same key share a conversation'),
  max_turns: z.int().min(1).max(50).optional().describe('At most so many earlier turns; 10 by default'),
});

const budget = z
  .strictObject({
    max_tokens: z.int().min(1).max(1_000_000_000).optional(),
    max_cost_usd: z.number().positive().max(1_000_000).optional(),
  })
  .refine((limits) => limits.max_tokens !== undefined || limits.max_cost_usd !== undefined, {
    message: 'give "max_tokens", "max_cost_usd" or both',
  });

const common = {
  model: modelName.optional().describe('Overrides the model of the platform; "provider/model" or a model'),
  fallback_models: z.array(modelName).max(5).optional().describe('Tried in order where the model fails'),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional().describe('Of one answer of the model'),
  instructions: z.string().max(50_000).optional().describe('Added to the instructions of the agent type'),
  reasoning_pattern: z.enum(REASONING_PATTERNS).optional(),
  tools: z.array(toolName).max(20).optional(),
  max_turns: z.int().min(1).max(50).optional().describe('Of a loop with tools; 10 by default'),
  participants: z
    .array(participant)
    .min(2)
    .max(5)
    .refine((all) => new Set(all.map(({ name }) => name.toLowerCase())).size === all.length, {
      message: 'participants need different names',
    })
    .optional()
    .describe('Who confers in the pattern "raise"'),
  rounds: z.int().min(1).max(3).optional().describe('Of the pattern "raise"; 1 by default'),
  memory: memory.optional(),
  budget: budget.optional(),
  output_schema: outputSchema.optional().describe('JSON Schema of the result, instead of the type’s own'),
};

/** The part of a configuration that every agent type shares. */
export const agentCommonConfiguration = z.strictObject(common);
export type AgentCommonConfiguration = z.infer<typeof agentCommonConfiguration>;

/** What the fields of a configuration must be to each other, beyond each by itself. */
const rules = z.looseObject({
  reasoning_pattern: z.string().optional(),
  participants: z.unknown().optional(),
  rounds: z.unknown().optional(),
  max_turns: z.unknown().optional(),
  tools: z.unknown().optional(),
});

function checkTogether(config: unknown, context: z.core.$RefinementCtx): void {
  const checked = rules.safeParse(config);
  if (!checked.success) return;
  const { reasoning_pattern: pattern, participants, rounds, max_turns: turns, tools } = checked.data;
  const refuse = (field: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [field], message });
  };
  if (participants !== undefined && pattern !== 'raise')
    refuse('participants', 'participants need the reasoning_pattern "raise"');
  if (rounds !== undefined && pattern !== 'raise')
    refuse('rounds', 'rounds need the reasoning_pattern "raise"');
  if (turns !== undefined && tools === undefined && pattern !== 'react')
    refuse('max_turns', 'max_turns needs tools or the reasoning_pattern "react"');
}

const language = z.enum(['typescript', 'javascript', 'python']);

/** The configuration each agent type accepts. Every field is optional: no agent needs a configuration. */
export const AGENT_CONFIGURATIONS = {
  planning: z
    .strictObject({
      ...common,
      max_tasks: z.int().min(1).max(200).optional().describe('At most so many tasks'),
    })
    .superRefine(checkTogether),
  code_generation: z
    .strictObject({
      ...common,
      language: language.optional().describe('Language of the generated files; typescript by default'),
      module_name: z.string().min(1).max(100).optional(),
    })
    .superRefine(checkTogether),
  testing: z
    .strictObject({
      ...common,
      framework: z.enum(['mocha', 'vitest', 'jest', 'pytest']).optional(),
    })
    .superRefine(checkTogether),
  code_review: z
    .strictObject({
      ...common,
      max_line_length: z.int().min(40).max(500).optional(),
      max_function_lines: z.int().min(5).max(2_000).optional(),
      minimum_severity: z.enum(['info', 'warning', 'error']).optional(),
    })
    .superRefine(checkTogether),
  ci_cd: z
    .strictObject({
      ...common,
      provider: z.enum(['github_actions']).optional(),
      branch: z.string().min(1).max(200).optional(),
    })
    .superRefine(checkTogether),
  requirement_engineering: z
    .strictObject({
      ...common,
      max_requirements: z.int().min(1).max(1_000).optional(),
    })
    .superRefine(checkTogether),
  program_manager: z
    .strictObject({
      ...common,
      start_date: z.iso.date().optional().describe('First working day of the schedule'),
      team_size: z.int().min(1).max(100).optional(),
    })
    .superRefine(checkTogether),
} as const satisfies Record<AgentType, z.ZodType>;

/** What an agent with the pattern `react` may call where its configuration names no tools. */
export const DEFAULT_AGENT_TOOLS = {
  planning: ['context'],
  code_generation: ['code'],
  testing: ['code'],
  code_review: ['code'],
  ci_cd: ['context'],
  requirement_engineering: ['context'],
  program_manager: ['context', 'code'],
} as const satisfies Record<AgentType, readonly AgentToolName[]>;

export const AGENT_DESCRIPTIONS: Record<AgentType, { title: string; description: string }> = {
  planning: { title: 'Planning', description: 'Breaks an objective into ordered tasks with dependencies.' },
  code_generation: { title: 'Code generation', description: 'Writes a code skeleton from a specification.' },
  testing: { title: 'Testing', description: 'Writes tests from the signatures in given source files.' },
  code_review: { title: 'Code review', description: 'Checks given source files and reports findings.' },
  ci_cd: { title: 'CI/CD', description: 'Derives a pipeline from a package manifest.' },
  requirement_engineering: {
    title: 'Requirement engineering',
    description: 'Extracts and classifies requirements from text.',
  },
  program_manager: { title: 'Program manager', description: 'Makes a schedule with its critical path.' },
};

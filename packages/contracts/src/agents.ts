import * as z from 'zod';

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

const common = {
  model: z.string().min(1).max(200).optional().describe('Overrides the model of the platform'),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(1_000_000).optional(),
  instructions: z.string().max(50_000).optional().describe('Added to the instructions of the agent type'),
  reasoning_pattern: z.enum(['chain_of_thought', 'react', 'raise']).optional(),
};

const language = z.enum(['typescript', 'javascript', 'python']);

/** The configuration each agent type accepts. Every field is optional: no agent needs a configuration. */
export const AGENT_CONFIGURATIONS = {
  planning: z.strictObject({
    ...common,
    max_tasks: z.int().min(1).max(200).optional().describe('At most so many tasks'),
  }),
  code_generation: z.strictObject({
    ...common,
    language: language.optional().describe('Language of the generated files; typescript by default'),
    module_name: z.string().min(1).max(100).optional(),
  }),
  testing: z.strictObject({
    ...common,
    framework: z.enum(['mocha', 'vitest', 'jest', 'pytest']).optional(),
  }),
  code_review: z.strictObject({
    ...common,
    max_line_length: z.int().min(40).max(500).optional(),
    max_function_lines: z.int().min(5).max(2_000).optional(),
    minimum_severity: z.enum(['info', 'warning', 'error']).optional(),
  }),
  ci_cd: z.strictObject({
    ...common,
    provider: z.enum(['github_actions']).optional(),
    branch: z.string().min(1).max(200).optional(),
  }),
  requirement_engineering: z.strictObject({
    ...common,
    max_requirements: z.int().min(1).max(1_000).optional(),
  }),
  program_manager: z.strictObject({
    ...common,
    start_date: z.iso.date().optional().describe('First working day of the schedule'),
    team_size: z.int().min(1).max(100).optional(),
  }),
} as const satisfies Record<AgentType, z.ZodType>;

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

import * as z from 'zod';

export const REQUIREMENT_CATEGORIES = [
  'functional',
  'performance',
  'security',
  'usability',
  'reliability',
  'scalability',
  'maintainability',
  'compatibility',
  'compliance',
] as const;

export const PRIORITIES = ['must', 'should', 'could', 'wont'] as const;

const requirement = z.strictObject({
  id: z.string().describe('REQ-001, REQ-002, …'),
  statement: z.string().min(1).describe('The words of the input, unchanged'),
  form: z.enum(['modal', 'user_story', 'list_item']),
  type: z.enum(['functional', 'non_functional']),
  category: z.enum(REQUIREMENT_CATEGORIES),
  priority: z.enum(PRIORITIES),
  actor: z.string().nullable(),
  goal: z.string().nullable().describe('What a user story wants'),
  benefit: z.string().nullable().describe('Why a user story wants it'),
  measurable: z.boolean().describe('Whether it names a number, a limit or a standard to check against'),
  ambiguous_terms: z.array(z.string()),
  duplicate_of: z.string().nullable(),
});

export const requirementEngineeringOutput = z.strictObject({
  requirements: z.array(requirement),
  actors: z.array(z.string()),
  summary: z.strictObject({
    total: z.int(),
    functional: z.int(),
    non_functional: z.int(),
    must: z.int(),
    should: z.int(),
    could: z.int(),
    wont: z.int(),
    ambiguous: z.int(),
    measurable: z.int(),
    duplicates: z.int(),
  }),
  notes: z.array(z.string()),
});

export type RequirementEngineeringOutput = z.infer<typeof requirementEngineeringOutput>;
export type Requirement = z.infer<typeof requirement>;

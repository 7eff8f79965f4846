import * as z from 'zod';

export const TEST_FRAMEWORKS = ['mocha', 'vitest', 'jest', 'pytest'] as const;

export const testingOutput = z.strictObject({
  files: z.array(
    z.strictObject({
      path: z.string(),
      framework: z.enum(TEST_FRAMEWORKS),
      source_path: z.string(),
      content: z.string(),
    }),
  ),
  targets: z
    .array(
      z.strictObject({
        path: z.string(),
        name: z.string().describe('`name`, or `Class.method`'),
        kind: z.enum(['function', 'method']),
        line: z.int().positive(),
        parameters: z.array(z.string()),
        async: z.boolean(),
        throws: z.boolean(),
        branches: z.int().nonnegative().describe('Decisions in the body: how many more cases it deserves'),
        cases: z.array(z.string()),
      }),
    )
    .describe('What the tests must cover, in source order'),
  summary: z.strictObject({ source_files: z.int(), targets: z.int(), cases: z.int() }),
  notes: z.array(z.string()),
});

export type TestingOutput = z.infer<typeof testingOutput>;
export type TestFramework = (typeof TEST_FRAMEWORKS)[number];

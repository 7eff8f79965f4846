import * as z from 'zod';

export const LANGUAGES = ['typescript', 'javascript', 'python'] as const;

const typedName = z.strictObject({
  name: z.string(),
  type: z.string().describe('In the words of the language of the files'),
  optional: z.boolean(),
});

export const codeGenerationOutput = z.strictObject({
  language: z.enum(LANGUAGES),
  module_name: z.string(),
  files: z.array(z.strictObject({ path: z.string(), content: z.string() })),
  entities: z.array(z.strictObject({ name: z.string(), fields: z.array(typedName) })),
  functions: z.array(
    z.strictObject({
      name: z.string(),
      parameters: z.array(typedName),
      returns: z.string(),
      async: z.boolean(),
      source: z.string().describe('The words of the input this function comes from'),
    }),
  ),
  notes: z.array(z.string()),
});

export type CodeGenerationOutput = z.infer<typeof codeGenerationOutput>;
export type Language = (typeof LANGUAGES)[number];

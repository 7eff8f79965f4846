import * as z from 'zod';

export const STAGE_IDS = ['install', 'lint', 'typecheck', 'test', 'build', 'release'] as const;

const stage = z.strictObject({
  id: z
    .string()
    .describe('install, lint, typecheck, test, build or release, with the ecosystem where there are several'),
  name: z.string(),
  ecosystem: z.string(),
  commands: z.array(z.string()).min(1),
  needs: z.array(z.string()),
  reason: z.string().describe('What in the manifest asks for this stage'),
});

export const ciCdOutput = z.strictObject({
  ecosystems: z.array(
    z.strictObject({
      name: z.enum(['node', 'python', 'go', 'rust', 'maven']),
      manifest: z.string(),
      versions: z.array(z.string()).describe('Runtime versions to test on'),
      package_manager: z.string(),
    }),
  ),
  stages: z.array(stage),
  pipeline: z.strictObject({
    provider: z.enum(['github_actions']),
    path: z.string(),
    content: z.string().describe('YAML; empty when no manifest was found'),
  }),
  notes: z.array(z.string()),
});

export type CiCdOutput = z.infer<typeof ciCdOutput>;
export type Stage = z.infer<typeof stage>;
export type StageId = (typeof STAGE_IDS)[number];

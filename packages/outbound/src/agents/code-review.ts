import * as z from 'zod';

export const SEVERITIES = ['info', 'warning', 'error'] as const;

const finding = z.strictObject({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  path: z.string(),
  line: z.int().positive(),
  message: z.string(),
  excerpt: z.string().describe('The line itself, shortened; secrets are masked'),
});

const metrics = z.strictObject({
  path: z.string(),
  language: z.string(),
  lines: z.int(),
  code_lines: z.int(),
  comment_lines: z.int(),
  blank_lines: z.int(),
  functions: z.int(),
  longest_function_lines: z.int(),
  max_nesting: z.int(),
  cyclomatic_complexity: z.int().describe('1 and one more for each decision in the file'),
});

export const codeReviewOutput = z.strictObject({
  verdict: z.enum(['approve', 'comment', 'request_changes', 'nothing_to_review']),
  findings: z.array(finding).describe('By path and line'),
  metrics: z.array(metrics),
  summary: z.strictObject({
    files: z.int(),
    lines: z.int(),
    findings: z.int(),
    errors: z.int(),
    warnings: z.int(),
    infos: z.int(),
  }),
  notes: z.array(z.string()),
});

export type CodeReviewOutput = z.infer<typeof codeReviewOutput>;
export type Finding = z.infer<typeof finding>;
export type FileMetrics = z.infer<typeof metrics>;
export type Severity = (typeof SEVERITIES)[number];

import * as z from 'zod';

export const TASK_KINDS = [
  'research',
  'design',
  'data',
  'implementation',
  'testing',
  'review',
  'documentation',
  'deployment',
  'coordination',
] as const;

const task = z.strictObject({
  id: z.string().describe('T1, T2, …'),
  title: z.string().min(1),
  description: z.string(),
  kind: z.enum(TASK_KINDS),
  size: z.enum(['S', 'M', 'L']),
  estimate_days: z.number().positive().describe('Working days for one person'),
  depends_on: z.array(z.string()).describe('Ids of the tasks that must end first'),
  source: z
    .string()
    .nullable()
    .describe('The words of the input this task comes from, or null when it was derived'),
});

export const planningOutput = z.strictObject({
  objective: z.string(),
  tasks: z.array(task),
  order: z.array(z.string()).describe('Every task id once, each after all it depends on'),
  parallel_groups: z.array(z.array(z.string())).describe('Tasks of one group may run at the same time'),
  total_estimate_days: z.number().nonnegative(),
  notes: z.array(z.string()),
});

export type PlannedTask = z.infer<typeof task>;
export type TaskKind = PlannedTask['kind'];

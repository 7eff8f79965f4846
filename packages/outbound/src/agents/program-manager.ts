import * as z from 'zod';

const day = z.number().nonnegative();

const scheduled = z.strictObject({
  id: z.string(),
  title: z.string(),
  duration_days: day,
  depends_on: z.array(z.string()),
  earliest_start: day.describe('Working days after the start, by dependencies alone'),
  earliest_finish: day,
  latest_start: day,
  latest_finish: day,
  slack: day.describe('Working days it may slip without moving the end'),
  critical: z.boolean(),
  planned_start: day.describe('With the team size; the earliest start where no team size is given'),
  planned_finish: day,
  assignee: z.string().nullable(),
  start_date: z.string().nullable().describe('First working day, YYYY-MM-DD'),
  finish_date: z.string().nullable().describe('Last working day, YYYY-MM-DD'),
});

export const programManagerOutput = z.strictObject({
  tasks: z.array(scheduled).describe('In the order of the input'),
  critical_path: z.array(z.string()).describe('One longest chain of task ids'),
  duration_days: day.describe('Length of the critical path'),
  planned_duration_days: day.describe('With the team size'),
  team_size: z.int().nullable(),
  start_date: z.string().nullable(),
  finish_date: z.string().nullable(),
  milestones: z.array(z.strictObject({ name: z.string(), day, date: z.string().nullable() })),
  risks: z.array(
    z.strictObject({
      task_id: z.string().nullable(),
      kind: z.enum([
        'no_slack',
        'little_slack',
        'many_dependents',
        'long_task',
        'overload',
        'missing_estimate',
      ]),
      severity: z.enum(['low', 'medium', 'high']),
      message: z.string(),
    }),
  ),
  notes: z.array(z.string()),
});

export type ProgramManagerOutput = z.infer<typeof programManagerOutput>;
export type ScheduledTask = z.infer<typeof scheduled>;

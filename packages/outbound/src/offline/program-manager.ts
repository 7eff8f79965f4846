import type { JsonValue } from '@millrace/contracts';
import type { ProgramManagerOutput, ScheduledTask } from '../agents/program-manager.js';
import { OutboundFailure } from '../outcome.js';
import { sortTopologically } from './graph.js';
import { placesOf, valuesOfKeys } from './input.js';
import { datesOf, parseDay } from './schedule/calendar.js';
import { criticalPath, round } from './schedule/critical-path.js';
import { levelResources } from './schedule/level.js';
import { risksOf } from './schedule/risks.js';
import { findTasks, type FoundTasks } from './schedule/tasks.js';
import type { OfflineAgent, Work } from './work.js';

function fromConfigOrInput(work: Work, keys: readonly string[]): JsonValue[] {
  const [first = ''] = keys;
  const configured = work.config[first];
  const own = typeof configured === 'string' || typeof configured === 'number' ? [configured] : [];
  return [...own, ...valuesOfKeys(placesOf(work.input), keys)];
}

function teamSizeOf(work: Work): number | null {
  for (const value of fromConfigOrInput(work, ['team_size', 'resources', 'team', 'people'])) {
    const size = Array.isArray(value) ? value.length : Number(value);
    if (typeof value !== 'boolean' && value !== null && Number.isInteger(size) && size > 0)
      return Math.min(size, 1_000);
  }
  return null;
}

function startDateOf(work: Work): { date: Date | undefined; unread: string | undefined } {
  const [given] = fromConfigOrInput(work, ['start_date', 'start']).filter(
    (value) => typeof value === 'string',
  );
  const date = given === undefined ? undefined : parseDay(given);
  return { date, unread: date === undefined ? given : undefined };
}

function refuse(code: 'dependency_cycle' | 'input_invalid', message: string): OutboundFailure {
  return new OutboundFailure({ code, message, retryable: false, fault: 'workflow' });
}

/** Levelling costs time by the square of the tasks. */
const MAX_TASKS = 5_000;

function check({ tasks, duplicates }: FoundTasks): void {
  if (tasks.length > MAX_TASKS)
    throw refuse('input_invalid', `More than ${String(MAX_TASKS)} tasks cannot be scheduled at once`);
  if (duplicates.length > 0)
    throw refuse('input_invalid', `Task ids must be unique: ${[...new Set(duplicates)].join(', ')}`);
  const { cycle } = sortTopologically(tasks);
  if (cycle.length > 0) {
    throw refuse(
      'dependency_cycle',
      `The tasks wait for each other in a circle: ${[...cycle, cycle[0] ?? ''].join(' -> ')}`,
    );
  }
}

function milestonesOf(
  tasks: readonly ScheduledTask[],
  planned: number,
  finish: string | null,
): ProgramManagerOutput['milestones'] {
  if (tasks.length === 0) return [];
  const waitedFor = new Set(tasks.flatMap(({ depends_on: befores }) => befores));
  const ends = tasks
    .filter(({ id }) => !waitedFor.has(id))
    .map((task) => ({ name: `${task.title} done`, day: task.planned_finish, date: task.finish_date }));
  return ends.length === 1 ? ends : [...ends, { name: 'Everything done', day: planned, date: finish }];
}

/** A schedule by the critical path method, levelled to the team and put on the calendar where those are given. */
export const programManager: OfflineAgent<'program_manager'> = (work) => {
  const found = findTasks(work.input);
  check(found);
  const activities = found.tasks;
  const plan = criticalPath(activities);
  const teamSize = teamSizeOf(work);
  const start = startDateOf(work);
  const slots = teamSize === null ? undefined : levelResources(activities, plan, teamSize);
  const tasks = activities.map((activity): ScheduledTask => {
    const timing = plan.timings.get(activity.id);
    const slot = slots?.get(activity.id);
    const from = slot?.start ?? timing?.earliestStart ?? 0;
    const to = slot?.finish ?? timing?.earliestFinish ?? 0;
    const { first, last } = datesOf(start.date, from, to);
    return {
      id: activity.id,
      title: activity.title,
      duration_days: activity.duration,
      depends_on: activity.depends_on,
      earliest_start: timing?.earliestStart ?? 0,
      earliest_finish: timing?.earliestFinish ?? 0,
      latest_start: timing?.latestStart ?? 0,
      latest_finish: timing?.latestFinish ?? 0,
      slack: timing?.slack ?? 0,
      critical: timing?.slack === 0,
      planned_start: from,
      planned_finish: to,
      assignee: slot ? `Member ${String(slot.member + 1)}` : null,
      start_date: first,
      finish_date: last,
    };
  });
  const planned = round(tasks.reduce((last, task) => Math.max(last, task.planned_finish), 0));
  const whole = tasks.length === 0 ? { first: null, last: null } : datesOf(start.date, 0, planned);
  const notes: string[] = [];
  if (tasks.length === 0)
    notes.push('No tasks were found: give `tasks`, each with an id, a duration and depends_on.');
  if (found.unknown.length > 0) notes.push(`Unknown dependencies were ignored: ${found.unknown.join(', ')}.`);
  if (start.unread !== undefined) notes.push(`"${start.unread.slice(0, 50)}" is not a date (YYYY-MM-DD).`);
  return {
    tasks,
    critical_path: plan.path,
    duration_days: plan.duration,
    planned_duration_days: planned,
    team_size: teamSize,
    start_date: whole.first,
    finish_date: whole.last,
    milestones: milestonesOf(tasks, planned, whole.last),
    risks: risksOf(tasks, activities, plan.duration, planned),
    notes,
  };
};

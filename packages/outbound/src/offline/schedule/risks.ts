import type { ProgramManagerOutput, ScheduledTask } from '../../agents/program-manager.js';
import type { InputTask } from './tasks.js';

type Risk = ProgramManagerOutput['risks'][number];

/** Facts of the schedule that deserve attention, worst first. */
export function risksOf(
  tasks: readonly ScheduledTask[],
  given: readonly InputTask[],
  duration: number,
  planned: number,
): Risk[] {
  const risks: Risk[] = [];
  const dependents = new Map<string, number>();
  for (const task of tasks)
    for (const before of task.depends_on) dependents.set(before, (dependents.get(before) ?? 0) + 1);
  const guessed = new Set(given.filter(({ estimated }) => !estimated).map(({ id }) => id));
  const mean = tasks.reduce((sum, task) => sum + task.duration_days, 0) / Math.max(1, tasks.length);

  for (const task of tasks) {
    const waiting = dependents.get(task.id) ?? 0;
    const add = (kind: Risk['kind'], severity: Risk['severity'], message: string): void => {
      risks.push({ task_id: task.id, kind, severity, message });
    };
    if (task.critical && task.duration_days > 0) {
      add(
        'no_slack',
        waiting > 1 ? 'high' : 'medium',
        `${task.id} has no slack: every day it slips moves the end by a day`,
      );
    } else if (task.slack <= 1 && task.duration_days > 0) {
      add('little_slack', 'low', `${task.id} has only ${String(task.slack)} days of slack`);
    }
    if (waiting >= 3)
      add(
        'many_dependents',
        waiting >= 5 ? 'high' : 'medium',
        `${String(waiting)} tasks wait directly for ${task.id}`,
      );
    if (task.duration_days >= 10 || (tasks.length > 2 && task.duration_days > 3 * mean)) {
      add(
        'long_task',
        'medium',
        `${task.id} takes ${String(task.duration_days)} days; splitting it would show trouble earlier`,
      );
    }
    if (guessed.has(task.id)) {
      add('missing_estimate', 'medium', `${task.id} has no duration; one day was assumed`);
    }
  }
  if (planned > duration) {
    const message = `The team is too small for the dependencies alone: ${String(planned)} days instead of ${String(duration)}`;
    risks.push({
      task_id: null,
      kind: 'overload',
      severity: planned > duration * 1.5 ? 'high' : 'medium',
      message,
    });
  }
  const weight = { high: 0, medium: 1, low: 2 };
  return risks.sort((a, b) => weight[a.severity] - weight[b.severity]);
}

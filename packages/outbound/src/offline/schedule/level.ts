import { round, type Activity, type CriticalPath } from './critical-path.js';

export interface Slot {
  readonly start: number;
  readonly finish: number;
  readonly member: number;
}

interface Running {
  readonly id: string;
  readonly finish: number;
  readonly member: number;
}

/**
 * Gives every activity to one of `teamSize` people: whoever is free takes, of what may start, the activity that can
 * wait least (latest start, then input order). A list schedule: good, not proven shortest.
 */
export function levelResources(
  activities: readonly Activity[],
  plan: CriticalPath,
  teamSize: number,
): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  const position = new Map(activities.map(({ id }, index) => [id, index]));
  const urgency = (id: string): number => plan.timings.get(id)?.latestStart ?? 0;
  const left = new Map(activities.map((activity) => [activity.id, activity]));
  const free = Array.from({ length: teamSize }, (_, index) => index);
  let running: Running[] = [];
  let now = 0;
  while (left.size > 0) {
    const done = (id: string): boolean => (slots.get(id)?.finish ?? Infinity) <= now;
    const startable = [...left.values()]
      .filter(({ depends_on: befores }) => befores.every(done))
      .sort((a, b) => urgency(a.id) - urgency(b.id) || (position.get(a.id) ?? 0) - (position.get(b.id) ?? 0));
    for (const { id, duration } of startable) {
      const member = free.shift();
      if (member === undefined) break;
      const finish = round(now + duration);
      slots.set(id, { start: now, finish, member });
      running.push({ id, finish, member });
      left.delete(id);
    }
    if (running.length === 0) break;
    now = Math.min(...running.map(({ finish }) => finish));
    for (const { finish, member } of running) if (finish <= now) free.push(member);
    free.sort((a, b) => a - b);
    running = running.filter(({ finish }) => finish > now);
  }
  return slots;
}

import { append, sortTopologically } from '../graph.js';

export interface Activity {
  readonly id: string;
  readonly duration: number;
  readonly depends_on: readonly string[];
}

export interface Timing {
  readonly earliestStart: number;
  readonly earliestFinish: number;
  readonly latestStart: number;
  readonly latestFinish: number;
  readonly slack: number;
}

export interface CriticalPath {
  readonly timings: ReadonlyMap<string, Timing>;
  /** One longest chain, first to last. */
  readonly path: string[];
  readonly duration: number;
  readonly order: readonly string[];
}

/** Sums of durations like 0.1 + 0.2 must compare equal. */
export function round(days: number): number {
  return Math.round(days * 1_000) / 1_000;
}

function maximum(values: readonly number[], none: number): number {
  return values.reduce((highest, value) => Math.max(highest, value), none);
}

/** The critical path method: forward pass, backward pass, slack. The activities must have no cycle. Linear. */
export function criticalPath(activities: readonly Activity[]): CriticalPath {
  const { order } = sortTopologically(activities);
  const byId = new Map(activities.map((activity) => [activity.id, activity]));
  const dependents = new Map<string, string[]>();
  for (const { id, depends_on: befores } of activities) {
    for (const before of befores) append(dependents, before, id);
  }
  const finish = new Map<string, number>();
  const start = new Map<string, number>();
  for (const id of order) {
    const activity = byId.get(id);
    const earliest = maximum(
      (activity?.depends_on ?? []).map((before) => finish.get(before) ?? 0),
      0,
    );
    start.set(id, round(earliest));
    finish.set(id, round(earliest + (activity?.duration ?? 0)));
  }
  const duration = maximum([...finish.values()], 0);
  const timings = new Map<string, Timing>();
  for (const id of order.toReversed()) {
    const latestFinish = (dependents.get(id) ?? []).reduce(
      (lowest, after) => Math.min(lowest, timings.get(after)?.latestStart ?? duration),
      duration,
    );
    const latestStart = round(latestFinish - (byId.get(id)?.duration ?? 0));
    const earliestStart = start.get(id) ?? 0;
    const slack = round(latestStart - earliestStart);
    timings.set(id, { earliestStart, earliestFinish: finish.get(id) ?? 0, latestStart, latestFinish, slack });
  }
  return { timings, path: longestChain(order, byId, timings, duration), duration, order };
}

/** Walks back from an activity that ends last, each time to a predecessor that ends when this one starts. */
function longestChain(
  order: readonly string[],
  byId: ReadonlyMap<string, Activity>,
  timings: ReadonlyMap<string, Timing>,
  duration: number,
): string[] {
  const chain: string[] = [];
  let at = order.find((id) => timings.get(id)?.earliestFinish === duration);
  while (at !== undefined) {
    chain.unshift(at);
    const begins = timings.get(at)?.earliestStart;
    at = byId.get(at)?.depends_on.find((before) => timings.get(before)?.earliestFinish === begins);
  }
  return chain;
}

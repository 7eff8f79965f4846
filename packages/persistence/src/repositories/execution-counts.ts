import { EXECUTION_STATUSES, type ExecutionStatus } from '@millrace/contracts';
import {
  type ExecutionConditions,
  type ExecutionSearch,
  rowsOf,
  searchesOf,
  whereOf,
} from '../queries/execution-filter.js';
import type { Session } from './session.js';

/** `exact` is false where counting stopped: there are at least so many. */
export interface CountRecord {
  count: number;
  exact: boolean;
}

/** Counting stops after so many rows of a status. */
export const COUNT_LIMIT = 10_000;

/**
 * How many there are in each status that is asked for, however many are stored. Of completed ones the newest rows are
 * looked at, whatever became of them: most are completed, and no index is kept of them.
 */
export async function countExecutions(
  session: Session,
  conditions: ExecutionConditions,
  owner: string | undefined,
): Promise<Map<ExecutionStatus, CountRecord>> {
  const statuses = conditions.statuses ?? EXECUTION_STATUSES;
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${String(values.push(value))}`;
  const counts = searchesOf({ ...conditions, statuses }, owner).map((search) =>
    countSql(search, conditions, owner, place),
  );
  const rows = await session.rows<{ status: ExecutionStatus; count: number; looked_at: number }>(
    counts.join(' UNION ALL '),
    values,
  );
  const found = new Map<ExecutionStatus, CountRecord>();
  for (const { status, count, looked_at: lookedAt } of rows) {
    const before = found.get(status) ?? { count: 0, exact: true };
    found.set(status, {
      count: Math.min(before.count + count, COUNT_LIMIT),
      exact: before.exact && lookedAt <= COUNT_LIMIT && before.count + count <= COUNT_LIMIT,
    });
  }
  return found;
}

function countSql(
  search: ExecutionSearch,
  conditions: ExecutionConditions,
  owner: string | undefined,
  place: (value: unknown) => string,
): string {
  const status = `'${search.status ?? 'completed'}'`;
  const isCompleted = search.status === 'completed';
  const where = whereOf(
    { ...search, status: isCompleted ? undefined : search.status },
    conditions,
    owner,
    place,
  );
  return `
    (SELECT ${status} AS status, count(*) FILTER (WHERE is_wanted)::int AS count, count(*)::int AS looked_at
     FROM (SELECT ${isCompleted ? `e.status IS NOT DISTINCT FROM 'completed'` : 'true'} AS is_wanted
           FROM ${rowsOf(search)} WHERE ${where}
           ORDER BY ${search.id} DESC LIMIT ${String(COUNT_LIMIT + 1)}) looked)`;
}

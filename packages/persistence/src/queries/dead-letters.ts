import type { Queryable } from '../pool.js';

/** A failure that nobody has dealt with, and that no parent reports: the condition of the partial indexes. */
export function isDeadLetter(table: string): string {
  return `${table}.error_fingerprint IS NOT NULL AND ${table}.resolved_at IS NULL
          AND (${table}.parent_id IS NULL OR ${table}.detached)`;
}

export interface DeadLetterScope {
  fingerprint: string;
  /** Null for everybody's. */
  ownerId: string | null;
}

/**
 * The oldest of a group, and how often each was retried already: a redrive that died between the new execution and its
 * mark would otherwise do it twice.
 */
export async function readDeadLetters(
  db: Queryable,
  { fingerprint, ownerId }: DeadLetterScope,
  limit: number,
): Promise<{ executionId: string; isRetried: boolean }[]> {
  const { rows } = await db.query<{ id: string; is_retried: boolean }>({
    name: 'read_dead_letters',
    text: `SELECT e.id, EXISTS (SELECT 1 FROM executions r WHERE r.retry_of = e.id) AS is_retried
           FROM executions e
           WHERE e.error_fingerprint = $1 AND ($2::uuid IS NULL OR e.owner_id = $2) AND ${isDeadLetter('e')}
           ORDER BY e.id LIMIT $3`,
    values: [fingerprint, ownerId, limit],
  });
  return rows.map((row) => ({ executionId: row.id, isRetried: row.is_retried }));
}

/** Marks unsuccessful executions as dealt with, unless they are. How many it marked. */
export async function resolveExecutions(
  db: Queryable,
  executionIds: readonly string[],
  { by, resolution }: { by: string; resolution: 'retried' | 'discarded' },
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'resolve_executions',
    // Locked in order: two who deal with the same ones at once must not wait for each other.
    text: `WITH chosen AS MATERIALIZED (
             SELECT id FROM executions
             WHERE id = ANY($1::uuid[]) AND status IN ('failed', 'cancelled', 'timed_out') AND resolved_at IS NULL
             ORDER BY id FOR UPDATE
           )
           UPDATE executions e SET resolved_at = now(), resolved_by = $2, resolution = $3
           FROM chosen c WHERE e.id = c.id`,
    values: [executionIds, by, resolution],
  });
  return rowCount ?? 0;
}

/** True when a failure of this cause is known, dealt with or not. */
export async function isKnownFingerprint(
  db: Queryable,
  { fingerprint, ownerId }: DeadLetterScope,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'known_fingerprint',
    text: `SELECT 1 FROM executions e
           WHERE e.error_fingerprint = $1 AND ($2::uuid IS NULL OR e.owner_id = $2) LIMIT 1`,
    values: [fingerprint, ownerId],
  });
  return rowCount === 1;
}

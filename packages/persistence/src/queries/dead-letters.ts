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

/** The oldest of a group. */
export async function readDeadLetters(
  db: Queryable,
  { fingerprint, ownerId }: DeadLetterScope,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({
    name: 'read_dead_letters',
    text: `SELECT e.id FROM executions e
           WHERE e.error_fingerprint = $1 AND ($2::uuid IS NULL OR e.owner_id = $2) AND ${isDeadLetter('e')}
           ORDER BY e.id LIMIT $3`,
    values: [fingerprint, ownerId, limit],
  });
  return rows.map((row) => row.id);
}

/** Marks unsuccessful executions as discarded, unless they are dealt with. How many it marked. */
export async function discardExecutions(
  db: Queryable,
  executionIds: readonly string[],
  by: string,
): Promise<number> {
  const { rowCount } = await db.query({
    name: 'discard_executions',
    // Locked in order: two who deal with the same ones at once must not wait for each other.
    text: `WITH chosen AS MATERIALIZED (
             SELECT id FROM executions
             WHERE id = ANY($1::uuid[]) AND status IN ('failed', 'cancelled', 'timed_out') AND resolved_at IS NULL
             ORDER BY id FOR UPDATE
           )
           UPDATE executions e SET resolved_at = now(), resolved_by = $2, resolution = 'discarded'
           FROM chosen c WHERE e.id = c.id`,
    values: [executionIds, by],
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

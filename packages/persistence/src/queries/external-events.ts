import type { JsonValue } from '@millrace/contracts';
import type { Queryable } from '../pool.js';
import type { TaskPlace } from './approvals.js';
import { fromStoredIteration, toStoredIteration } from './children.js';

/** Who is reached: events and waits meet by owner, name and key. */
export interface EventAddress {
  ownerId: string;
  name: string;
  key: string;
}

export interface EventWait extends TaskPlace {
  executionId: string;
}

/** How long an event's id keeps others of the same id from being events of their own. */
export const RECEIPT_HOURS = 24;

/**
 * From here to the end of the transaction nobody else sends to these addresses or begins to wait at them. Without it an
 * event that finds no wait and a wait that finds no event could pass each other by. In one order, against deadlocks.
 */
export async function lockAddresses(db: Queryable, addresses: readonly EventAddress[]): Promise<void> {
  await db.query({
    name: 'lock_addresses',
    text: `SELECT pg_advisory_xact_lock(h) FROM (
             SELECT DISTINCT hashtextextended(a, 7215) AS h FROM unnest($1::text[]) AS a ORDER BY 1) AS ordered`,
    values: [addresses.map(({ ownerId, name, key }) => JSON.stringify([ownerId, name, key]))],
  });
}

/** Begins to wait; answers those that did not wait before. */
export async function openEventWaits(
  db: Queryable,
  executionId: string,
  waits: readonly (EventAddress & TaskPlace & { deadline: Date | null })[],
): Promise<(EventAddress & TaskPlace)[]> {
  const { rows } = await db.query<{
    step_id: string;
    iteration: string;
    attempt: number;
    owner_id: string;
    name: string;
    key: string;
  }>({
    name: 'open_event_waits',
    text: `INSERT INTO event_waits (execution_id, step_id, iteration, attempt, owner_id, name, key, deadline)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::text[],
                                    $8::timestamptz[])
           ON CONFLICT DO NOTHING
           RETURNING step_id, iteration, attempt, owner_id, name, key`,
    values: [
      executionId,
      waits.map((wait) => wait.stepId),
      waits.map((wait) => toStoredIteration(wait.iteration)),
      waits.map((wait) => wait.attempt),
      waits.map((wait) => wait.ownerId),
      waits.map((wait) => wait.name),
      waits.map((wait) => wait.key),
      waits.map((wait) => wait.deadline),
    ],
  });
  return rows.map((row) => ({
    stepId: row.step_id,
    iteration: fromStoredIteration(row.iteration),
    attempt: row.attempt,
    ownerId: row.owner_id,
    name: row.name,
    key: row.key,
  }));
}

/** Of these addresses those for which events are kept. */
export async function addressesWithEvents(
  db: Queryable,
  addresses: readonly EventAddress[],
): Promise<EventAddress[]> {
  const { rows } = await db.query<{ owner_id: string; name: string; key: string }>({
    name: 'addresses_with_events',
    text: `SELECT DISTINCT a.owner_id, a.name, a.key
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS a(owner_id, name, key)
           WHERE EXISTS (SELECT 1 FROM external_events e WHERE e.owner_id = a.owner_id AND e.name = a.name
                                                           AND e.key = a.key AND e.expires_at > now())`,
    values: [
      addresses.map((address) => address.ownerId),
      addresses.map((address) => address.name),
      addresses.map((address) => address.key),
    ],
  });
  return rows.map((row) => ({ ownerId: row.owner_id, name: row.name, key: row.key }));
}

/** Takes the oldest event kept for an address. */
export async function takeEvent(
  db: Queryable,
  { ownerId, name, key }: EventAddress,
): Promise<{ payload: JsonValue } | undefined> {
  const { rows } = await db.query<{ payload: JsonValue }>({
    name: 'take_event',
    text: `DELETE FROM external_events WHERE id = (
             SELECT id FROM external_events
             WHERE owner_id = $1 AND name = $2 AND key = $3 AND expires_at > now() ORDER BY id LIMIT 1)
           RETURNING payload`,
    values: [ownerId, name, key],
  });
  return rows[0];
}

/** Whoever waits at an address, in the order in which executions are locked. */
export async function lockEventWaits(
  db: Queryable,
  { ownerId, name, key }: EventAddress,
): Promise<EventWait[]> {
  const { rows } = await db.query<{
    execution_id: string;
    step_id: string;
    iteration: string;
    attempt: number;
  }>({
    name: 'lock_event_waits',
    text: `SELECT execution_id, step_id, iteration, attempt FROM event_waits
           WHERE owner_id = $1 AND name = $2 AND key = $3 AND status = 'open'
           ORDER BY execution_id, step_id, iteration FOR UPDATE`,
    values: [ownerId, name, key],
  });
  return rows.map((row) => ({
    executionId: row.execution_id,
    stepId: row.step_id,
    iteration: fromStoredIteration(row.iteration),
    attempt: row.attempt,
  }));
}

/** These waits are over: they have received, or will not any more. */
export async function settleEventWaits(
  db: Queryable,
  waits: readonly EventWait[],
  status: 'received' | 'closed',
): Promise<void> {
  await db.query({
    name: 'settle_event_waits',
    text: `UPDATE event_waits w SET status = $5
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) AS p(execution_id, step_id, iteration, attempt)
           WHERE w.execution_id = p.execution_id AND w.step_id = p.step_id AND w.iteration = p.iteration
             AND w.attempt = p.attempt AND w.status = 'open'`,
    values: [
      waits.map((wait) => wait.executionId),
      waits.map((wait) => wait.stepId),
      waits.map((wait) => toStoredIteration(wait.iteration)),
      waits.map((wait) => wait.attempt),
      status,
    ],
  });
}

/** Those of executions that have ended. */
export async function deleteEventWaitsOf(db: Queryable, executionIds: readonly string[]): Promise<void> {
  await db.query({
    name: 'delete_event_waits_of',
    text: 'DELETE FROM event_waits WHERE execution_id = ANY($1::uuid[])',
    values: [executionIds],
  });
}

/** The address of a kept event; undefined when it is not there, or not this owner's where one is given. */
export async function findKeptEvent(
  db: Queryable,
  id: string,
  ownerId: string | null,
): Promise<EventAddress | undefined> {
  const { rows } = await db.query<{ owner_id: string; name: string; key: string }>({
    name: 'find_kept_event',
    text: `SELECT owner_id, name, key FROM external_events
           WHERE id = $1 AND expires_at > now() AND ($2::uuid IS NULL OR owner_id = $2)`,
    values: [id, ownerId],
  });
  const row = rows[0];
  return row && { ownerId: row.owner_id, name: row.name, key: row.key };
}

/** False when it was not kept any more. */
export async function deleteKeptEvent(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'delete_kept_event',
    text: 'DELETE FROM external_events WHERE id = $1 AND expires_at > now()',
    values: [id],
  });
  return rowCount === 1;
}

/** Keeps an event for whoever waits first. False when `limit` of its address are kept already. */
export async function keepEvent(
  db: Queryable,
  { ownerId, name, key }: EventAddress,
  event: { id: string; payload: JsonValue; sentBy: string; ttlSeconds: number },
  limit: number,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'keep_event',
    text: `INSERT INTO external_events (id, owner_id, name, key, payload, sent_by, expires_at)
           SELECT $1, $2, $3, $4, $5::json, $6, now() + make_interval(secs => $7)
           WHERE (SELECT count(*) FROM (SELECT 1 FROM external_events
                  WHERE owner_id = $2 AND name = $3 AND key = $4 AND expires_at > now() LIMIT $8) AS kept) < $8`,
    values: [
      event.id,
      ownerId,
      name,
      key,
      JSON.stringify(event.payload),
      event.sentBy,
      event.ttlSeconds,
      limit,
    ],
  });
  return rowCount === 1;
}

export interface EventReceipt {
  eventId: string;
  delivered: number;
  kept: boolean;
}

/**
 * Takes an event's id for 24 hours. Whoever comes second waits for the first to commit, and is answered with what it
 * wrote.
 */
export async function claimEventId(
  db: Queryable,
  { ownerId, id, bodyHash }: { ownerId: string; id: string; bodyHash: Buffer },
): Promise<(EventReceipt & { fresh: boolean; bodyHash: Buffer }) | undefined> {
  const inserted = await db.query<{ event_id: string }>({
    name: 'claim_event_id',
    text: `INSERT INTO event_receipts AS r (owner_id, id, body_hash, event_id, delivered, kept, expires_at)
           VALUES ($1, $2, $3, uuid7(), 0, false, now() + interval '${String(RECEIPT_HOURS)} hours')
           ON CONFLICT (owner_id, id) DO UPDATE
             SET body_hash = excluded.body_hash, event_id = excluded.event_id, expires_at = excluded.expires_at
             WHERE r.expires_at <= now()
           RETURNING event_id`,
    values: [ownerId, id, bodyHash],
  });
  const taken = inserted.rows[0];
  if (taken !== undefined) {
    return { fresh: true, eventId: taken.event_id, delivered: 0, kept: false, bodyHash };
  }
  const { rows } = await db.query<{ event_id: string; delivered: number; kept: boolean; body_hash: Buffer }>({
    name: 'find_event_id',
    text: 'SELECT event_id, delivered, kept, body_hash FROM event_receipts WHERE owner_id = $1 AND id = $2',
    values: [ownerId, id],
  });
  const row = rows[0];
  return (
    row && {
      fresh: false,
      eventId: row.event_id,
      delivered: row.delivered,
      kept: row.kept,
      bodyHash: row.body_hash,
    }
  );
}

export async function writeReceipt(
  db: Queryable,
  { ownerId, id }: { ownerId: string; id: string },
  { delivered, kept }: Pick<EventReceipt, 'delivered' | 'kept'>,
): Promise<void> {
  await db.query({
    name: 'write_receipt',
    text: 'UPDATE event_receipts SET delivered = $3, kept = $4 WHERE owner_id = $1 AND id = $2',
    values: [ownerId, id, delivered, kept],
  });
}

export async function newEventId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>({ name: 'new_event_id', text: 'SELECT uuid7() AS id' });
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('the database made no id');
  return id;
}

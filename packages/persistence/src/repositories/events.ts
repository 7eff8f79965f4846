import type { JsonValue } from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, InvalidCursorError, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import { fromStoredIteration } from '../queries/children.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/** An event that is kept for whoever will wait for it. */
export interface KeptEventRecord {
  id: string;
  name: string;
  key: string;
  /** Usernames. */
  owner: string;
  sentBy: string;
  createdAt: Date;
  expiresAt: Date;
}

/** A step that waits for an event. */
export interface EventWaitRecord {
  /** The bare UUID. */
  executionId: string;
  stepId: string;
  iteration: string | null;
  attempt: number;
  workflowId: string;
  workflowName: string;
  /** A username. */
  owner: string;
  name: string;
  key: string;
  createdAt: Date;
  deadline: Date | null;
}

export interface EventFilter extends PageRequest {
  name?: string | undefined;
  key?: string | undefined;
  /** Only this user's; a caller who is no admin sees their own in any case. */
  ownerId?: string | undefined;
}

export interface EventWaitFilter extends EventFilter {
  workflowId?: string | undefined;
  /** The bare UUID. */
  executionId?: string | undefined;
}

/** Reading only: sending and discarding are the runtime's. */
export interface EventRepository {
  /** Newest first, without payloads. */
  listKept(filter: EventFilter): Promise<Page<KeptEventRecord>>;
  getKept(id: string): Promise<(KeptEventRecord & { payload: JsonValue }) | undefined>;
  /** Open ones, those of the newest execution first. */
  listWaits(filter: EventWaitFilter): Promise<Page<EventWaitRecord>>;
}

interface KeptColumns {
  id: string;
  name: string;
  key: string;
  owner: string;
  sent_by: string;
  created_at: Date;
  expires_at: Date;
}

interface WaitColumns {
  execution_id: string;
  step_id: string;
  iteration: string;
  attempt: number;
  workflow_id: string;
  workflow_name: string;
  owner: string;
  name: string;
  key: string;
  created_at: Date;
  deadline: Date | null;
}

const KEPT = `
  v.id, v.name, v.key, coalesce(o.username, v.owner_id::text) AS owner,
  coalesce(b.username, v.sent_by::text) AS sent_by, v.created_at, v.expires_at`;
const KEPT_ROWS = `
  external_events v LEFT JOIN users o ON o.id = v.owner_id LEFT JOIN users b ON b.id = v.sent_by`;

// Whoever waits lives: one whose execution has ended is no wait any more, though its row may still be there.
const WAITS = `
  SELECT v.execution_id, v.step_id, v.iteration, v.attempt, s.workflow_id,
         coalesce(w.name, s.workflow_id) AS workflow_name, coalesce(o.username, v.owner_id::text) AS owner,
         v.name, v.key, v.created_at, v.deadline
  FROM event_waits v JOIN execution_state s ON s.execution_id = v.execution_id
  LEFT JOIN workflows w ON w.id = s.workflow_id LEFT JOIN users o ON o.id = v.owner_id`;
const PLACE = '(v.execution_id, v.step_id, v.iteration, v.attempt)';
const NEWEST_WAITS = 'v.execution_id DESC, v.step_id DESC, v.iteration DESC, v.attempt DESC';

export function eventRepository(session: Session, caller: Caller): EventRepository {
  /** What both lists have in common. Only the condition on the owner reaches an index; row-level security does not. */
  function conditionsOf(filter: EventFilter): { found: string[]; values: unknown[] } {
    const values: unknown[] = [];
    const found: string[] = [];
    const owner = filter.ownerId ?? (caller.admin ? undefined : caller.userId);
    for (const [column, value] of [
      ['owner_id', owner],
      ['name', filter.name],
      ['key', filter.key],
    ] as const) {
      if (value !== undefined) found.push(`v.${column} = $${String(values.push(value))}`);
    }
    return { found, values };
  }

  const isPossible = ({ name = '', key = '' }: EventFilter): boolean => isStorable(name) && isStorable(key);

  return {
    async listKept(filter) {
      const before = uuidCursor(filter.cursor);
      if (!isPossible(filter)) return { items: [] };
      const { found, values } = conditionsOf(filter);
      if (before !== undefined) found.push(`v.id < $${String(values.push(before))}`);
      const rows = await session.rows<KeptColumns>(
        `SELECT ${KEPT} FROM ${KEPT_ROWS} WHERE ${['v.expires_at > now()', ...found].join(' AND ')}
         ORDER BY v.id DESC LIMIT ${String(fetchSize(filter))}`,
        values,
      );
      return pageOf(rows, filter, ({ id }) => id, toKept);
    },

    async getKept(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await session.rows<KeptColumns & { payload: JsonValue }>(
        `SELECT ${KEPT}, v.payload FROM ${KEPT_ROWS} WHERE v.id = $1 AND v.expires_at > now()`,
        [id],
      );
      return row && { ...toKept(row), payload: row.payload };
    },

    async listWaits(filter) {
      const before = filter.cursor === undefined ? undefined : parsePlace(filter.cursor);
      if (!isPossible(filter)) return { items: [] };
      const { found, values } = conditionsOf(filter);
      const place = (value: unknown): string => `$${String(values.push(value))}`;
      if (filter.workflowId !== undefined) found.push(`s.workflow_id = ${place(filter.workflowId)}`);
      if (filter.executionId !== undefined) found.push(`v.execution_id = ${place(filter.executionId)}`);
      if (before !== undefined) {
        const { executionId, stepId, iteration, attempt } = before;
        found.push(
          `${PLACE} < (${place(executionId)}::uuid, ${place(stepId)}, ${place(iteration)}, ${place(attempt)}::int)`,
        );
      }
      const rows = await session.rows<WaitColumns>(
        `${WAITS} WHERE ${["v.status = 'open'", ...found].join(' AND ')}
         ORDER BY ${NEWEST_WAITS} LIMIT ${String(fetchSize(filter))}`,
        values,
      );
      return pageOf(rows, filter, placeOf, toWait);
    },
  };
}

function toKept(row: KeptColumns): KeptEventRecord {
  const { id, name, key, owner } = row;
  return {
    ...{ id, name, key, owner },
    sentBy: row.sent_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function toWait(row: WaitColumns): EventWaitRecord {
  const { attempt, owner, name, key, deadline } = row;
  return {
    executionId: row.execution_id,
    stepId: row.step_id,
    iteration: fromStoredIteration(row.iteration),
    workflowId: row.workflow_id,
    workflowName: row.workflow_name,
    createdAt: row.created_at,
    ...{ attempt, owner, name, key, deadline },
  };
}

/** As a cursor: `<execution>.<attempt>.<step>.<iteration>`; no id of a step has a dot, iterations may. */
function placeOf(row: WaitColumns): string {
  return `${row.execution_id}.${String(row.attempt)}.${row.step_id}.${row.iteration}`;
}

function parsePlace(cursor: string): {
  executionId: string;
  stepId: string;
  iteration: string;
  attempt: number;
} {
  const [, executionId = '', attempt = '', stepId = '', iteration = ''] =
    /^([^.]{36})\.(\d{1,9})\.([A-Za-z0-9_-]{1,64})\.([\d.]{0,200})$/.exec(cursor) ?? [];
  if (!isUuid(executionId)) throw new InvalidCursorError();
  return { executionId, stepId, iteration, attempt: Number(attempt) };
}

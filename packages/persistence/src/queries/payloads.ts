import { StringDecoder } from 'node:string_decoder';
import { inTurns, type JsonValue, type LogLine, parseJsonSlices } from '@millrace/contracts';
import type { Queryable } from '../pool.js';

/** Stores a payload too large for the log; the id is half of its reference. */
export async function writeBlob(
  db: Queryable,
  blob: { executionId: string; contentType: string; content: Buffer },
): Promise<string> {
  const { rows } = await db.query<{ id: string }>({
    name: 'write_blob',
    text: `INSERT INTO blobs (execution_id, content_type, size_bytes, content) VALUES ($1, $2, $3, $4) RETURNING id`,
    values: [blob.executionId, blob.contentType, blob.content.byteLength, blob.content],
  });
  const row = rows[0];
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return row.id;
}

/** What was written has kept its limits then. */
const UNLIMITED = { length: Infinity, values: Infinity, depth: Infinity };

// A row for every 128 KB: as one, the driver would copy it five times, and do nothing else meanwhile. MATERIALIZED and
// the empty operand: it is decompressed once, not for every row.
const READ_BLOB = `
  WITH blob AS MATERIALIZED (SELECT content || ''::bytea AS content FROM blobs WHERE execution_id = $1 AND id = $2)
  SELECT substring(content FROM place FOR 131072) AS part
  FROM blob, generate_series(1, greatest(octet_length(content), 1), 131072) AS place ORDER BY place`;

/** A JSON payload by its reference, read and parsed in turns; undefined when there is none. */
export async function readJsonBlob(
  db: Queryable,
  executionId: string,
  id: string,
): Promise<JsonValue | undefined> {
  const { rows } = await db.query<{ part: Buffer }>({
    name: 'read_blob',
    text: READ_BLOB,
    values: [executionId, id],
  });
  if (rows.length === 0) return undefined;
  const decoder = new StringDecoder('utf8');
  const pieces = rows.map(({ part }) => decoder.write(part));
  // Written by us as JSON; z.json() would walk it all once more.
  return await inTurns(parseJsonSlices(pieces, UNLIMITED));
}

export interface StoredLogLine extends Omit<LogLine, 'timestamp'> {
  executionId: string;
  at: Date;
}

/** Stores lines that steps logged. Repeats are dropped: a line's number is its identity. */
export async function writeLogLines(db: Queryable, lines: readonly StoredLogLine[]): Promise<void> {
  await db.query({
    name: 'write_log_lines',
    text: `INSERT INTO step_logs (execution_id, step_id, iteration, attempt, line, at, level, message)
           SELECT execution_id, step_id, string_to_array(iteration, '.')::int[], attempt, line, at, level, message
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::timestamptz[], $7::text[], $8::text[])
             AS l(execution_id, step_id, iteration, attempt, line, at, level, message)
           ON CONFLICT DO NOTHING`,
    values: [
      lines.map((l) => l.executionId),
      lines.map((l) => l.step_id),
      lines.map((l) => l.iteration ?? ''),
      lines.map((l) => l.attempt),
      lines.map((l) => l.line),
      lines.map((l) => l.at),
      lines.map((l) => l.level),
      // Text columns refuse NUL, which a step may well log.
      lines.map((l) => l.message.replaceAll('\u0000', '\uFFFD')),
    ],
  });
}

/** The definition a version holds, for compiling; undefined when there is none. */
export async function readVersion(
  db: Queryable,
  workflowId: string,
  version: number,
): Promise<{ name: string; definition: JsonValue } | undefined> {
  const { rows } = await db.query<{ name: string; definition: JsonValue }>({
    name: 'read_version',
    text: `SELECT w.name, v.definition FROM workflow_versions v JOIN workflows w ON w.id = v.workflow_id
           WHERE v.workflow_id = $1 AND v.version = $2`,
    values: [workflowId, version],
  });
  return rows[0];
}

import type { Queryable } from '../pool.js';
import type { Keyring, Place } from '../secrets/keyring.js';
import {
  openText,
  placeOfCallbackHeaders,
  placeOfSigningSecret,
  placeOfWebhookSecret,
  sealText,
} from '../secrets/sealed-text.js';
import { REENCRYPT_BATCH, reencryptSecrets, type Reencryption } from './secrets.js';

/** One kind of encrypted value: brings its next batch, behind `after`, under the current key. */
export interface ReencryptionTask {
  readonly name: string;
  run(db: Queryable, keyring: Keyring, after: string | null): Promise<Reencryption>;
}

interface SealedColumn {
  readonly table: string;
  /** The primary key and its type. */
  readonly key: string;
  readonly type: 'uuid' | 'text';
  /** What the place of the sealed text is named after. */
  readonly named: string;
  /** SQL that reads the sealed text, and the assignment that replaces it by `$2`. */
  readonly read: string;
  readonly assign: string;
  /** Rows that count; all without it. */
  readonly where?: string;
  place(name: string): Place;
}

const inTarget = {
  read: `target ->> 'sealed_headers'`,
  assign: `target = jsonb_set(target::jsonb, '{sealed_headers}', to_jsonb($2::text))::json`,
  named: 'workflow_id',
  place: placeOfCallbackHeaders,
} as const;
const plain = (column: string): Pick<SealedColumn, 'read' | 'assign'> => ({
  read: column,
  assign: `${column} = $2`,
});
const webhooks = {
  table: 'webhooks',
  key: 'id',
  type: 'uuid',
  named: 'id',
  place: placeOfWebhookSecret,
} as const;
const ofWorkflow = {
  table: 'workflow_callbacks',
  key: 'workflow_id',
  type: 'text',
  named: 'workflow_id',
  place: placeOfSigningSecret,
} as const;

/** Small tables, and of the large one what still has to be sent: they are looked through from end to end. */
const COLUMNS: readonly SealedColumn[] = [
  { ...webhooks, ...plain('secret') },
  { ...webhooks, ...plain('previous_secret') },
  { ...ofWorkflow, ...plain('secret') },
  { ...ofWorkflow, ...plain('previous_secret') },
  { ...ofWorkflow, ...inTarget },
  { ...inTarget, table: 'callbacks', key: 'execution_id', type: 'uuid', where: `state = 'pending'` },
];

interface SealedText {
  key: string;
  named: string;
  sealed: string;
}

async function reencryptColumn(
  column: SealedColumn,
  db: Queryable,
  keyring: Keyring,
  after: string | null,
): Promise<Reencryption> {
  const { table, key, type, named, read, assign, where = 'true' } = column;
  const { rows } = await db.query<SealedText>(
    `SELECT ${key}::text AS key, ${named}::text AS named, ${read} AS sealed FROM ${table}
     WHERE ${where} AND split_part(${read}, '.', 1) <> $1 AND ($2::${type} IS NULL OR ${key} > $2)
     ORDER BY ${table}.${key} LIMIT $3`,
    [keyring.currentKeyId, after, REENCRYPT_BATCH],
  );
  let done = 0;
  let unreadable = 0;
  for (const row of rows) {
    const place = column.place(row.named);
    const opened = openText(keyring, row.sealed, place);
    if (!opened.ok) {
      unreadable += 1;
      continue;
    }
    const { rowCount } = await db.query(`UPDATE ${table} SET ${assign} WHERE ${key} = $1 AND ${read} = $3`, [
      ...[row.key, sealText(keyring, opened.text, place), row.sealed],
    ]);
    done += rowCount ?? 0;
  }
  return { done, unreadable, next: rows.length < REENCRYPT_BATCH ? null : (rows.at(-1)?.key ?? null) };
}

/** Everything that is encrypted with a key of the ring. */
export const REENCRYPTION_TASKS: readonly ReencryptionTask[] = [
  { name: 'secrets', run: reencryptSecrets },
  ...COLUMNS.map((column) => ({
    name: `${column.table}: ${column.read}`,
    run: (db: Queryable, keyring: Keyring, after: string | null) =>
      reencryptColumn(column, db, keyring, after),
  })),
];

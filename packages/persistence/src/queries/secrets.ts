import type { Queryable } from '../pool.js';
import type { Keyring, Sealed } from '../secrets/keyring.js';
import { placeOfSecret } from '../secrets/place.js';

/** What became of a name. `no_key`, `unknown_key` and `damaged` are a stored value that cannot be read. */
export type SecretAnswer =
  | { readonly kind: 'found'; readonly value: string }
  | { readonly kind: 'missing' | 'no_key' | 'unknown_key' | 'damaged' };

/** By name, as asked. */
export type SecretAnswers = ReadonlyMap<string, SecretAnswer>;

interface SealedRow {
  id: string;
  owner_id: string;
  name: string;
  key_id: string;
  nonce: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

// The use is noted at most once a minute and never waited for: a row that another step is noting is left out, which also
// keeps overlapping sets of names from deadlocking. The values come from the statement's snapshot in any case.
const read = (owner: string): string => `
  WITH wanted AS (
    SELECT s.id FROM secrets s WHERE s.owner_id = ${owner} AND s.name = ANY ($2)
  ),
  unnoted AS (
    SELECT s.id FROM secrets s JOIN wanted USING (id)
    WHERE s.last_used_at IS NULL OR s.last_used_at < now() - interval '1 minute'
    ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
  ),
  noted AS (UPDATE secrets s SET last_used_at = now() FROM unnoted u WHERE s.id = u.id)
  SELECT s.id, s.owner_id, s.name, s.key_id, s.nonce, s.ciphertext, s.tag FROM secrets s JOIN wanted USING (id)`;

const OF_EXECUTION = read('(SELECT e.owner_id FROM execution_state e WHERE e.execution_id = $1)');
const OF_OWNER = read('$1');

/** Of the owner of an execution that is not finished: the workflow's owner, as of now. */
export function readExecutionSecrets(
  db: Queryable,
  keyring: Keyring | undefined,
  executionId: string,
  names: readonly string[],
): Promise<SecretAnswers> {
  return answer(db, keyring, { name: 'execution_secrets', text: OF_EXECUTION, values: [executionId, names] });
}

/** For what works for an owner outside of an execution. */
export function readOwnerSecrets(
  db: Queryable,
  keyring: Keyring | undefined,
  ownerId: string,
  names: readonly string[],
): Promise<SecretAnswers> {
  return answer(db, keyring, { name: 'owner_secrets', text: OF_OWNER, values: [ownerId, names] });
}

async function answer(
  db: Queryable,
  keyring: Keyring | undefined,
  query: { name: string; text: string; values: [string, readonly string[]] },
): Promise<SecretAnswers> {
  const { rows } = await db.query<SealedRow>({ ...query, values: [...query.values] });
  const answers = new Map<string, SecretAnswer>(query.values[1].map((name) => [name, { kind: 'missing' }]));
  for (const row of rows) {
    const opened = keyring === undefined ? NO_KEY : open(keyring, row);
    answers.set(row.name, opened.ok ? { kind: 'found', value: opened.text } : { kind: opened.reason });
  }
  return answers;
}

const NO_KEY = { ok: false, reason: 'no_key' } as const;

function open(keyring: Keyring, row: SealedRow): ReturnType<Keyring['open']> {
  const { id, owner_id: ownerId, name, key_id: keyId, nonce, ciphertext, tag } = row;
  return keyring.open({ keyId, nonce, ciphertext, tag }, placeOfSecret({ id, ownerId, name }));
}

export const REENCRYPT_BATCH = 100;

// Two ranges around the current key: with <> no index would help, and the sweep is there to find nothing.
const UNDER_OTHER_KEYS = `
  SELECT id, owner_id, name, key_id, nonce, ciphertext, tag FROM (
    (SELECT * FROM secrets WHERE key_id < $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3)
    UNION ALL
    (SELECT * FROM secrets WHERE key_id > $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3)
  ) s ORDER BY id LIMIT $3`;

const REPLACE = `
  UPDATE secrets SET key_id = $2, nonce = $3, ciphertext = $4, tag = $5
  WHERE id = $1 AND nonce = $6`;

export interface Reencryption {
  /** Rows that are under the current key now. */
  readonly done: number;
  /** Rows that no key of the ring opens; they stay as they are. */
  readonly unreadable: number;
  /** Where to go on; null when this was the last batch. */
  readonly next: string | null;
}

/**
 * Brings the next batch of secrets under the current key. Nothing is locked: a value that was set meanwhile has another
 * nonce and is left alone. Two at once are harmless.
 */
export async function reencryptSecrets(
  db: Queryable,
  keyring: Keyring,
  after: string | null,
): Promise<Reencryption> {
  const { rows } = await db.query<SealedRow>({
    name: 'secrets_under_other_keys',
    text: UNDER_OTHER_KEYS,
    values: [keyring.currentKeyId, after, REENCRYPT_BATCH],
  });
  let done = 0;
  let unreadable = 0;
  for (const row of rows) {
    const opened = open(keyring, row);
    if (!opened.ok) {
      unreadable += 1;
      continue;
    }
    const { id, owner_id: ownerId, name } = row;
    done += await replace(db, row, keyring.seal(opened.text, placeOfSecret({ id, ownerId, name })));
  }
  return { done, unreadable, next: rows.length < REENCRYPT_BATCH ? null : (rows.at(-1)?.id ?? null) };
}

async function replace(db: Queryable, row: SealedRow, sealed: Sealed): Promise<number> {
  const { rowCount } = await db.query({
    name: 'replace_sealed',
    text: REPLACE,
    values: [row.id, sealed.keyId, sealed.nonce, sealed.ciphertext, sealed.tag, row.nonce],
  });
  return rowCount ?? 0;
}

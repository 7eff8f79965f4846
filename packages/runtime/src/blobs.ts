import {
  type BlobReference,
  INLINE_OUTPUT_LIMIT_BYTES,
  type JsonPieces,
  type JsonValue,
  nextTurn,
  textLength,
} from '@millrace/contracts';
import { type Queryable, readJsonBlob, writeBlob } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import { LogUnusableError } from './log-unusable.js';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const REFERENCE = new RegExp(`^blob_(${UUID})_(${UUID})$`);

/** A reference is `blob_<execution>_<blob>`: the execution decides who may read it. */
export function parseBlobReference(reference: string): { executionId: string; id: string } | undefined {
  const [, executionId, id] = REFERENCE.exec(reference) ?? [];
  return executionId !== undefined && id !== undefined ? { executionId, id } : undefined;
}

/** Rejects with LogUnusableError when it is gone, or with the database's own error. */
export async function readStored(db: Queryable, reference: string): Promise<JsonValue> {
  const blob = parseBlobReference(reference);
  const value = blob && (await readJsonBlob(db, blob.executionId, blob.id));
  if (value === undefined) throw new LogUnusableError(`a stored output is missing: ${reference}`);
  return value;
}

export type StoredOutput = { output: JsonValue } | { output_ref: BlobReference };

export interface OutputStore {
  /** Keeps a small output as it is; puts a large one (`INLINE_OUTPUT_LIMIT_BYTES` of JSON) aside and refers to it. */
  store(executionId: string, output: JsonValue, json: JsonPieces): Promise<StoredOutput>;
}

export function createOutputStore(context: Pick<RuntimeContext, 'db'>): OutputStore {
  return {
    async store(executionId, output, json) {
      // A UTF-16 unit is 1 to 3 bytes of UTF-8: most outputs need no counting.
      if (textLength(json) * 3 <= INLINE_OUTPUT_LIMIT_BYTES) return { output };
      const size = byteLength(json);
      if (size <= INLINE_OUTPUT_LIMIT_BYTES) return { output };
      const contentType = 'application/json';
      const content = await encode(json, size);
      await nextTurn();
      const id = await writeBlob(context.db, { executionId, contentType, content });
      const reference = `blob_${executionId}_${id}`;
      return { output_ref: { reference, size_bytes: size, content_type: contentType } };
    },
  };
}

/** Of UTF-8. */
export function byteLength(pieces: JsonPieces): number {
  return pieces.reduce((size, piece) => size + Buffer.byteLength(piece), 0);
}

async function encode(pieces: JsonPieces, size: number): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) {
    at += content.write(piece, at);
    await nextTurn();
  }
  return content;
}

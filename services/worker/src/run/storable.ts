import {
  type ExecutionError,
  inTurns,
  isSmallJson,
  type JsonPieces,
  JsonLimitError,
  type JsonLimits,
  type JsonValue,
  parseJsonSlices,
  textLength,
  writeJsonSlices,
} from '@millrace/contracts';
import { toPlainJson } from '@millrace/engine';
import { byteLength } from '@millrace/runtime';

/** Largest output of one step, bytes of JSON; anything bigger belongs into a store of its own. */
export const MAX_OUTPUT_BYTES = 20_000_000;

/** What an output may be in memory: a short text can hold millions of values, each as large as a row of a table. */
export const OUTPUT_LIMITS: JsonLimits = {
  length: MAX_OUTPUT_BYTES,
  values: 1_000_000,
  depth: 200,
  members: 50_000,
};

export type Storable =
  /** `json` is the text of `value`. */
  | { readonly ok: true; readonly value: JsonValue; readonly json: JsonPieces }
  | { readonly ok: false; readonly error: ExecutionError };

/**
 * A JSON round trip, so that live and replayed values are equal, and limits that the database would otherwise enforce.
 * Small values are answered at once; large ones in turns with whatever else the worker does. `json` is the text that the
 * value was parsed from, where there is one: it is not written again.
 */
export function toStorable(value: JsonValue, json?: JsonPieces): Storable | Promise<Storable> {
  if (json !== undefined) return bounded({ ok: true, value, json });
  if (!isSmallJson(value)) return largeToStorable(value);
  const plain = toPlainJson(value, MAX_OUTPUT_BYTES);
  if (plain.ok) return { ok: true, value: plain.value, json: [JSON.stringify(plain.value)] };
  return refused(plain.error.code.replace('expression_result', 'output'), plain.error.message);
}

/** The text of what is JSON for certain. */
export async function toJsonText(value: object | JsonValue): Promise<JsonPieces> {
  if (isSmallJson(value)) return [JSON.stringify(value)];
  return (await inTurns(writeJsonSlices(value, UNLIMITED)))?.pieces ?? ['null'];
}

export const UNLIMITED: JsonLimits = { length: Infinity, values: Infinity, depth: Infinity };

function bounded(storable: Extract<Storable, { ok: true }>): Storable {
  const { json } = storable;
  if (textLength(json) * 3 <= MAX_OUTPUT_BYTES || byteLength(json) <= MAX_OUTPUT_BYTES) return storable;
  return refused('output_too_large', `The result is larger than ${MAX_OUTPUT_BYTES} bytes of JSON`);
}

async function largeToStorable(value: JsonValue): Promise<Storable> {
  try {
    const written = await inTurns(writeJsonSlices(value, OUTPUT_LIMITS));
    const json = written?.pieces ?? ['null'];
    if (written?.isPlain === true) return bounded({ ok: true, value, json });
    return bounded({ ok: true, value: await inTurns(parseJsonSlices(json, OUTPUT_LIMITS)), json });
  } catch (error) {
    if (error instanceof JsonLimitError) return excessive(error);
    const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return refused('output_invalid', `The result is not JSON: ${message}`);
  }
}

function excessive({ excess, message }: JsonLimitError): Storable {
  if (excess === 'depth') return refused('output_too_deep', `The result cannot be stored: ${message}`);
  return refused(
    'output_too_large',
    `The result is too large: ${message}; keep what later steps need, or store it elsewhere and hand on where it is`,
  );
}

function refused(code: string, message: string): Storable {
  return { ok: false, error: { code, message, fault: 'workflow', retryable: false } };
}

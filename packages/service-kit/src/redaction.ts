/** Keeps secrets out of the log: by the name of the key, and by shape within any text. */

const REMOVED = '[redacted]';
const MAX_DEPTH = 8;

/** Ends of key names, so that `refresh_token`, `refreshToken` and `x-api-key` count and `input_tokens` does not. */
const SECRET_WORDS =
  'authorization|cookie|password|passwd|passphrase|token|secret|api[-_]?key|private[-_]?key|credentials?|ticket';
const SECRET_KEY = new RegExp(`(${SECRET_WORDS})$`, 'i');
const SECRET_PAIR = new RegExp(`"([^"\\\\]*(?:${SECRET_WORDS}))":"(?:[^"\\\\]|\\\\.)*"`, 'gi');

/** Copies the fields with secrets replaced. Deeper than eight levels nothing is shown at all. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactRecord(fields, 0, new Set());
}

function redactRecord(fields: object, depth: number, above: Set<object>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  above.add(fields);
  for (const [key, value] of Object.entries(fields)) {
    copy[key] = SECRET_KEY.test(key) && holdsSecret(value) ? REMOVED : redactValue(value, depth + 1, above);
  }
  above.delete(fields);
  return copy;
}

function redactValue(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return serializeError(value);
  if (above.has(value)) return '[circular]';
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) {
    above.add(value);
    const items = value.map((item: unknown) => redactValue(item, depth + 1, above));
    above.delete(value);
    return items;
  }
  return redactRecord(value, depth, above);
}

/** Flags and absences such as `token: false` tell something and hide nothing. */
function holdsSecret(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean';
}

/** Removes passwords inside URLs, and bearer and basic credentials. Safe on a line of JSON: never eats a quote. */
export function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*):[^\s/@"]+@/gi, `$1:${REMOVED}@`)
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{8,}=*/gi, `$1 ${REMOVED}`);
}

/**
 * The last look at a line of JSON before it is written. It also finds what `redact` never sees: pino turns the bindings
 * of child loggers into text by itself.
 */
export function redactLine(line: string): string {
  return redactText(line).replace(SECRET_PAIR, `"$1":"${REMOVED}"`);
}

export interface SerializedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: unknown;
}

/** What the log shows of an error. Other fields stay out: drivers hang queries and their parameters on errors. */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const serialized: SerializedError = { type: error.name, message: error.message };
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) {
    serialized.code = error.code;
  }
  if (error.stack !== undefined) serialized.stack = error.stack;
  if (error.cause !== undefined && depth < 4) serialized.cause = serializeError(error.cause, depth + 1);
  return serialized;
}

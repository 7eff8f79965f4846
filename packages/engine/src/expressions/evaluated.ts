import type { ExecutionError, JsonValue } from '@millrace/contracts';

/** What an expression yielded. A failing expression is the author's to mend, so it is a value and never retryable. */
export type Evaluated<T = JsonValue> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ExecutionError };

export type Compiled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly position: number | null };

export const LIMITS = {
  /** UTF-16 units of an expression's text. */
  textLength: 100_000,
  /** Characters of expressions, per language, that stay compiled. */
  cachedCharacters: 1_000_000,
  /** Bytes of JSON that one expression may yield. */
  resultBytes: 10_000_000,
  /** Nesting of a result. */
  resultDepth: 200,
  /** JSONata: depth of evaluation, and items of one sequence. */
  evaluationDepth: 500,
  sequenceLength: 1_000_000,
  /** JSONata, milliseconds; a loop of tail calls has no depth. */
  durationMs: 5_000,
} as const;

export function failed(
  code: string,
  message: string,
): { readonly ok: false; readonly error: ExecutionError } {
  return { ok: false, error: { code, message, fault: 'workflow', retryable: false } };
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

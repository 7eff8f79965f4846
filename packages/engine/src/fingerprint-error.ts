import type { ExecutionError } from '@millrace/contracts';

/** A message longer than this tells nothing more about its cause. */
const MESSAGE_LIMIT = 2_000;

/** What differs between two occurrences of one failure, from the longest pattern to the shortest. */
const VARIABLE: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, '#'],
  // An apostrophe within a word quotes nothing.
  [/"[^"\n]*"|(?<!\w)'[^'\n]*'(?!\w)|`[^`\n]*`|“[^”\n]*”|‘[^’\n]*’/g, '"#"'],
  // Hashes and addresses: hexadecimal with at least one digit in it.
  [/\b(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)[0-9a-f]{8,})\b/gi, '#'],
  [/\d+(?:[.,:]\d+)*/g, '#'],
  [/\s+/g, ' '],
];

function withoutValues(message: string): string {
  let text = message.slice(0, MESSAGE_LIMIT);
  for (const [pattern, replacement] of VARIABLE) text = text.replace(pattern, replacement);
  return text.trim().toLowerCase();
}

/**
 * A text that is equal for failures of one cause: the same workflow, step, code and message but for numbers, ids and
 * quoted values (rule F1). Hash it. The turn of a loop and the attempt do not count.
 */
export function errorFingerprint(workflowId: string, error: ExecutionError): string {
  return JSON.stringify([workflowId, error.step_id ?? null, error.code, withoutValues(error.message)]);
}

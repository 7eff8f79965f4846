import type * as z from 'zod';
import { describeIssues } from '../agents/result-schema.js';

export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

/** Without what stands between `<think>` and `</think>`. By search instead of a pattern: answers may be long and hostile. */
function withoutThoughts(text: string): string {
  const lower = text.toLowerCase();
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const start = lower.indexOf('<think', from);
    const end = start === -1 ? -1 : lower.indexOf('</think', start);
    const after = end === -1 ? -1 : lower.indexOf('>', end);
    if (after === -1) return [...kept, text.slice(from)].join('').trim();
    kept.push(text.slice(from, start));
    from = after + 1;
  }
}

/** What the first code fence holds, where it is closed. */
function fenced(text: string): string | undefined {
  const fence = text.indexOf('```');
  const start = fence === -1 ? -1 : text.indexOf('\n', fence);
  const end = start === -1 ? -1 : text.indexOf('```', start);
  return end === -1 ? undefined : text.slice(start + 1, end);
}

/** The JSON in an answer: models like to wrap it in a code fence, a sentence, or their thoughts. */
function extractJson(text: string): string {
  const answer = withoutThoughts(text);
  if (answer.startsWith('{')) return answer;
  const candidate = fenced(answer) ?? answer;
  const start = candidate.indexOf('{');
  const end = candidate.lastIndexOf('}');
  return start >= 0 && end > start ? candidate.slice(start, end + 1) : candidate;
}

/** Parses and validates; the problem is written for the model and for a person alike. */
export function parseAnswer<Value>(text: string, schema: z.ZodType<Value>): Parsed<Value> {
  if (text.trim() === '') return { ok: false, problem: 'the answer is empty' };
  let value: unknown;
  try {
    value = JSON.parse(extractJson(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'unreadable';
    return { ok: false, problem: `it is not JSON (${reason})` };
  }
  try {
    const result = schema.safeParse(value);
    return result.success
      ? { ok: true, value: result.data }
      : { ok: false, problem: describeIssues(result.error) };
  } catch (error) {
    // The stack ends before the nesting does.
    if (error instanceof RangeError) return { ok: false, problem: 'it is nested too deeply' };
    throw error;
  }
}

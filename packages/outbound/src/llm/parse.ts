import type * as z from 'zod';
import { describeIssues } from '../agents/result-schema.js';

export type Parsed<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

/** The JSON in an answer: models like to wrap it in a code fence, a sentence, or their thoughts. */
function extractJson(text: string): string {
  const answer = text.replace(/<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/gi, '').trim();
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n?```/i.exec(answer)?.[1];
  if (answer.startsWith('{')) return answer;
  const candidate = fenced ?? answer;
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
    return {
      ok: false,
      problem: `it is not JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'})`,
    };
  }
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problem: describeIssues(result.error) };
}

import { transformSync } from '@swc/wasm-typescript';
import * as z from 'zod';
import type { CodeFailure } from '../protocol.js';

export type Stripped =
  { readonly ok: true; readonly code: string } | { readonly ok: false; readonly failure: CodeFailure };

/** How the stripper says no: not an Error. */
const refusal = z.object({
  message: z.string(),
  startLine: z.int().optional(),
  startColumn: z.int().optional(),
});

let isBroken = false;

/**
 * Whether a source was too much for the stripper. It lives in WebAssembly, as long as this process, and does not take back
 * what it used of its stack: the next source would find less of it.
 */
export function isStripperBroken(): boolean {
  return isBroken;
}

/** Types become blanks, so that every line and column stays what it was. What is more than a type (enum, namespace) is refused. */
export function stripTypes(source: string, module: boolean): Stripped {
  try {
    return { ok: true, code: transformSync(source, { mode: 'strip-only', module }).code };
  } catch (error) {
    isBroken ||= error instanceof Error;
    const parsed = refusal.safeParse(error instanceof Error ? undefined : error);
    const message = parsed.success ? parsed.data.message : 'the source nests too deeply';
    const { startLine, startColumn } = parsed.success ? parsed.data : {};
    return {
      ok: false,
      failure: {
        code: 'code_invalid',
        message: message.replace('in strip-only mode', 'in code steps: only types that can be erased are'),
        ...(startLine !== undefined && { line: startLine }),
        ...(startColumn !== undefined && { column: startColumn + 1 }),
      },
    };
  }
}

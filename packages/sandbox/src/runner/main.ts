import { serveIsolated } from '@millrace/isolation';
import type { CodeAnswer, CodeOrder } from '../protocol.js';
import { prepareInstance } from './instance.js';
import { runCode } from './run.js';
import { isStripperBroken } from './typescript.js';

serveIsolated(
  async ({ inputPieces, ...order }: CodeOrder, { text, note, send, retire }): Promise<CodeAnswer> => {
    const input = text.slice(0, inputPieces).join('');
    const context = text.slice(inputPieces).join('');
    const request = { ...order, input, context };
    const result = await runCode(request, note);
    if (isStripperBroken()) retire();
    // After the answer has left.
    setImmediate(() => {
      prepareInstance(request.limits.memoryMb);
    });
    if (!result.ok) return result;
    send(result.output);
    return { ok: true };
  },
);

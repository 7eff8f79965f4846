import { serveIsolated } from '@millrace/isolation';
import type { CodeAnswer, CodeRequest } from '../protocol.js';
import { prepareInstance } from './instance.js';
import { runCode } from './run.js';
import { isStripperBroken } from './typescript.js';

serveIsolated(async (request: CodeRequest, note, retire): Promise<CodeAnswer> => {
  const answer = await runCode(request, note);
  if (isStripperBroken()) retire();
  // After the answer has left.
  setImmediate(() => {
    prepareInstance(request.limits.memoryMb);
  });
  return answer;
});

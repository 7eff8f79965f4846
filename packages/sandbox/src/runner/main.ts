import { serveIsolated } from '@millrace/isolation';
import type { CodeAnswer, CodeRequest } from '../protocol.js';
import { prepareInstance } from './instance.js';
import { runCode } from './run.js';

serveIsolated(async (request: CodeRequest, note): Promise<CodeAnswer> => {
  const answer = await runCode(request, note);
  // After the answer has left.
  setImmediate(() => {
    prepareInstance(request.limits.memoryMb);
  });
  return answer;
});

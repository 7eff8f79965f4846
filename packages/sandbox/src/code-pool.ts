import { createProcessPool, type ProcessPool, siblingScript } from '@millrace/isolation';
import type { CodeAnswer, CodeLimits, CodeOrder } from './protocol.js';
import { runnerRestrictions } from './restrictions.js';

export const DEFAULT_LIMITS: CodeLimits = {
  timeoutMs: 5_000,
  memoryMb: 64,
  outputBytes: 10_000_000,
  logLines: 1_000,
  logBytes: 1_000_000,
};

/** What a run may take beyond its time before its process is killed: the stripper, and what no interrupt reaches. */
export const GRACE_MS = 1_000;
const MAX_HEAP_MB = 256;
/** Above what an idle process has. A run with a larger memory costs its process. */
const RECYCLE_ABOVE_RSS_MB = 400;

/** Processes that are denied what they do not need, started when first needed. */
export function createCodePool({
  processes,
  runsPerProcess,
}: {
  processes: number;
  runsPerProcess: number;
}): ProcessPool<CodeOrder, CodeAnswer> {
  return createProcessPool<CodeOrder, CodeAnswer>({
    script: siblingScript('./runner/main', import.meta.url),
    processes,
    maxHeapMb: MAX_HEAP_MB,
    recycle: { afterRuns: runsPerProcess, aboveRssMb: RECYCLE_ABOVE_RSS_MB },
    restrictions: runnerRestrictions(),
  });
}

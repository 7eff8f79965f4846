import { createCodePool, DEFAULT_LIMITS, GRACE_MS } from './code-pool.js';
import { codeAnswer, type CodeFailure, type CodeRequest } from './protocol.js';

/** Lines and columns are those of the source, from 1. */
export type CodeProblem = Pick<CodeFailure, 'message' | 'line' | 'column'>;

export interface CodeChecker {
  /**
   * Why the source will not run: it does not parse, or imports something. It is compiled by what is to run it, in a
   * process of its own, and nothing of it runs. Undefined when it is in order, and when that could not be found out:
   * it took too long or too much memory, or `signal` has fired. Never rejects.
   */
  check(
    code: Pick<CodeRequest, 'language' | 'source'>,
    signal?: AbortSignal,
  ): Promise<CodeProblem | undefined>;
  /** Ends its process; checks under way answer undefined. */
  stop(): Promise<void>;
}

/** Of one source: 200,000 characters take a tenth of it. */
const TIMEOUT_MS = 1_000;
const CHECKS_PER_PROCESS = 10_000;
/** These say what the source needs, not what it is. */
const UNDECIDED: ReadonlySet<CodeFailure['code']> = new Set(['code_timeout', 'code_memory']);

export function createCodeChecker({ timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {}): CodeChecker {
  const pool = createCodePool({ processes: 1, runsPerProcess: CHECKS_PER_PROCESS });
  return {
    async check({ language, source }, signal) {
      const limits = { ...DEFAULT_LIMITS, timeoutMs };
      const result = await pool.run(
        { onlyCompile: true, language, source, limits, inputPieces: 0, now: 0, seed: 0 },
        { timeoutMs: timeoutMs + GRACE_MS, ...(signal && { signal }) },
      );
      if (result.kind !== 'answered') return undefined;
      const answer = codeAnswer.safeParse(result.answer);
      if (!answer.success || answer.data.ok || UNDECIDED.has(answer.data.failure.code)) return undefined;
      return toProblem(answer.data.failure, source);
    },
    stop: () => pool.stop(),
  };
}

/** What is missing at the end is found behind it, in what the source is wrapped in. */
function toProblem({ message, line, column }: CodeFailure, source: string): CodeProblem {
  if (line === undefined || column === undefined) return { message };
  const lines = source.split('\n');
  if (line <= lines.length) return { message, line, column };
  const end = lines.at(-1) ?? '';
  return {
    message: 'SyntaxError: the source ends where more is expected',
    line: lines.length,
    column: end.length + 1,
  };
}

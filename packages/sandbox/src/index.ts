export { type CodeChecker, type CodeProblem, createCodeChecker } from './code-checker.js';
export { DEFAULT_LIMITS } from './code-pool.js';
export {
  type CodeOutcome,
  type CodeRun,
  type CodeRunner,
  type CodeRunnerOptions,
  createCodeRunner,
} from './code-runner.js';
export type { CodeLimits, LogLevel } from './protocol.js';

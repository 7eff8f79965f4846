export {
  type CodeOutcome,
  type CodeRun,
  type CodeRunner,
  type CodeRunnerOptions,
  createCodeRunner,
  DEFAULT_LIMITS,
} from './code-runner.js';
export type { CodeLimits, LogLevel } from './protocol.js';

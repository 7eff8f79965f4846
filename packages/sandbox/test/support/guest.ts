import {
  type CodeOutcome,
  type CodeRun,
  type CodeRunner,
  type CodeRunnerOptions,
  createCodeRunner,
} from '@millrace/sandbox';
import { expect } from 'chai';

export const NOON = Date.UTC(2030, 0, 2, 12);

export interface Guest {
  readonly runner: CodeRunner;
  readonly lines: string[];
  /** Runs the source; `lines` has what it logged, as `level text`. */
  run(source: string, options?: Partial<CodeRun>): Promise<CodeOutcome>;
  /** The output; fails where there is none. */
  output(source: string, options?: Partial<CodeRun>): Promise<unknown>;
  /** The error, as `code: message`; fails where there is none. */
  error(source: string, options?: Partial<CodeRun>): Promise<string>;
}

/** A runner for the tests of one `describe`, stopped after them. */
export function useGuest(options: CodeRunnerOptions = { processes: 1 }): Guest {
  let runner: CodeRunner;
  const lines: string[] = [];
  before(() => {
    runner = createCodeRunner(options);
  });
  beforeEach(() => {
    lines.length = 0;
  });
  after(() => runner.stop());

  const run: Guest['run'] = (source, more = {}) =>
    runner.run({
      ...{ language: 'javascript', source, input: null, now: NOON, seed: 0.25 },
      onLog: (level, message) => lines.push(`${level} ${message}`),
      ...more,
    });
  return {
    get runner() {
      return runner;
    },
    lines,
    run,
    async output(source, more) {
      const outcome = await run(source, more);
      if (!outcome.ok) throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
      return outcome.output;
    },
    async error(source, more) {
      const outcome = await run(source, more);
      if (outcome.ok) throw new Error(`no error, but ${JSON.stringify(outcome.output).slice(0, 500)}`);
      expect(outcome.error).to.include({ fault: 'workflow', retryable: false });
      return `${outcome.error.code}: ${outcome.error.message}`;
    },
  };
}

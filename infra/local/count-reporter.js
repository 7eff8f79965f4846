/**
 * A mocha reporter that shows what its own reporters show and leaves the counts in a file, as JSON:
 * `{passed, failed, pending, failures: [title]}`. The file is named by MILLRACE_TEST_COUNTS; MILLRACE_TEST_REPORTER
 * is `spec` (default) or `dot`.
 */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END, EVENT_TEST_FAIL } = Mocha.Runner.constants;
const { Dot, Spec } = Mocha.reporters;
const Visible = process.env['MILLRACE_TEST_REPORTER'] === 'dot' ? Dot : Spec;

export default class CountReporter extends Visible {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    /** @type {string[]} */
    const failures = [];
    runner.on(EVENT_TEST_FAIL, (test) => void failures.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      const file = process.env['MILLRACE_TEST_COUNTS'];
      // A failing hook is a failure without being a test: count what was reported.
      if (file)
        writeFileSync(file, JSON.stringify({ passed: passes, failed: failures.length, pending, failures }));
    });
  }
}

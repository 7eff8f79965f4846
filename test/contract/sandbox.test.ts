/**
 * The processes of code as they are deployed: built, where the walls around their files stand. Tests of the sources run
 * through a loader that could not work behind them.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Starts a run that says when it is up, and asks the system how its process was started. */
const SCRIPT = `
  import { execFileSync } from 'node:child_process';
  import { createCodeRunner } from '@millrace/sandbox';
  const runner = createCodeRunner({ processes: 1 });
  let started = '';
  const common = { input: { n: 2 }, now: 0, seed: 0 };
  const javascript = await runner.run({
    ...common, language: 'javascript', source: 'console.log("up"); return input.n;',
    onLog() { started = execFileSync('ps', ['-A', '-ww', '-o', 'ppid=,args='], { encoding: 'utf8' })
      .split('\\n').find((line) => Number(line.trim().split(' ')[0]) === process.pid && line.includes('runner/main.js')); },
  });
  const typescript = await runner.run({ ...common, language: 'typescript', source: 'return (input.n as number) + 1;' });
  await runner.stop();
  console.log(JSON.stringify({ javascript, typescript, started }));
`;

describe('the built sandbox', function () {
  this.timeout(240_000);
  before(() =>
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'packages/sandbox'], { cwd: root }),
  );

  it('runs code in processes that may read their own code and nothing else', async () => {
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'),
    );

    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      cwd: path.join(root, 'services/worker'),
      env: environment,
    });

    const told: unknown = JSON.parse(stdout);
    expect(told).to.have.property('javascript').that.deep.equals({ ok: true, output: 2 });
    expect(told).to.have.property('typescript').that.deep.equals({ ok: true, output: 3 });
    expect(told)
      .to.have.property('started')
      .that.matches(/--(experimental-)?permission .*--allow-fs-read=/)
      .and.contains('--disallow-code-generation-from-strings')
      .and.not.contains('--allow-fs-write')
      .and.not.contains('--allow-child-process');
  });
});

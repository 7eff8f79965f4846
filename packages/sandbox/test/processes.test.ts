import { type CodeRunner, createCodeRunner } from '@millrace/sandbox';
import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';
import { childProcesses } from './support/children.js';
import { NOON } from './support/guest.js';

const RUN = { language: 'javascript' as const, input: null, now: NOON, seed: 0 };

describe('the processes of code', function () {
  this.timeout(60_000);
  let runner: CodeRunner | undefined;
  afterEach(async () => {
    await runner?.stop();
    await eventually(() => {
      expect(childProcesses()).to.deep.equal([]);
    });
  });

  const start = (options: Parameters<typeof createCodeRunner>[0]): CodeRunner =>
    (runner = createCodeRunner(options));

  it('are as many after two hundred runs as before', async () => {
    const { run } = start({ processes: 2 });
    const one = (n: number) => run({ ...RUN, source: 'return input * 2;', input: n });
    await Promise.all([one(0), one(0)]);
    const before = childProcesses();

    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => one(n)));

    expect(outcomes).to.deep.equal(outcomes.map((_, n) => ({ ok: true, output: n * 2 })));
    expect(childProcesses()).to.have.members(before).and.to.have.length(2);
  });

  it('are replaced after their number of runs', async () => {
    const { run } = start({ processes: 1, runsPerProcess: 5 });
    const seen = new Set<number>();

    for (let n = 0; n < 11; n += 1) {
      expect(await run({ ...RUN, source: 'return 1;' })).to.deep.equal({ ok: true, output: 1 });
      for (const pid of childProcesses()) seen.add(pid);
    }

    expect(seen.size).to.be.at.least(3);
    await eventually(() => {
      expect(childProcesses()).to.have.length(1);
    });
  });

  it('are replaced after a source that was too much for the stripper of types', async () => {
    const { run } = start({ processes: 1 });
    const nested = (depth: number): string => `return (${'['.repeat(depth)}${']'.repeat(depth)} as unknown);`;
    const typescript = { ...RUN, language: 'typescript' as const };

    const hostile = await run({ ...typescript, source: nested(60_000) });
    const neighbour = await run({ ...typescript, source: `${nested(200).slice(0, -1)} && 1;` });

    expect(hostile).to.have.nested.include({
      ...{ ok: false, 'error.code': 'code_invalid', 'error.message': 'the source nests too deeply' },
    });
    expect(neighbour).to.deep.equal({ ok: true, output: 1 });
  });

  it('are replaced when a run has made them large', async () => {
    const { run } = start({ processes: 1 });
    await run({ ...RUN, source: 'return 1;' });
    const before = childProcesses();

    const source = 'return new Uint8Array(400_000_000).fill(1).length;';
    const outcome = await run({ ...RUN, source, limits: { memoryMb: 512, timeoutMs: 30_000 } });

    expect(outcome).to.deep.equal({ ok: true, output: 400_000_000 });
    await eventually(() => {
      expect(childProcesses()).to.have.length(1).and.not.to.have.members(before);
    });
    expect(await run({ ...RUN, source: 'return 2;' })).to.deep.equal({ ok: true, output: 2 });
  });

  it('die of one run without harm to a neighbour and to those that wait', async () => {
    const { run } = start({ processes: 2 });
    const controller = new AbortController();
    const killed = run({
      ...{ ...RUN, source: 'console.log("up"); for (;;);', signal: controller.signal },
      limits: { timeoutMs: 60_000 },
      onLog: () => {
        controller.abort();
      },
    });
    const neighbour = run({
      ...{ ...RUN, source: 'let n = 0; for (let i = 0; i < 3e6; i += 1) n += i; return n;' },
      limits: { timeoutMs: 30_000 },
    });
    const waiting = [1, 2, 3].map((input) => run({ ...RUN, source: 'return input;', input }));

    expect(await killed).to.have.nested.property('error.code', 'aborted');
    expect(await neighbour).to.deep.equal({ ok: true, output: 4_499_998_500_000 });
    expect(await Promise.all(waiting)).to.deep.equal([1, 2, 3].map((output) => ({ ok: true, output })));
  });

  it('that die on their own fail only their run', async () => {
    const { run } = start({ processes: 1 });
    await run({ ...RUN, source: 'return 1;' });
    const [pid = 0] = childProcesses();

    const outcome = await run({
      ...{ ...RUN, source: 'console.log(1); for (;;);', limits: { timeoutMs: 30_000 } },
      onLog: () => process.kill(pid, 'SIGKILL'),
    });

    expect(outcome).to.have.nested.property('error.code', 'code_memory');
    expect(outcome).to.have.nested.property('error.message').that.contains('SIGKILL');
    expect(await run({ ...RUN, source: 'return 2;' })).to.deep.equal({ ok: true, output: 2 });
  });

  it('are killed where even the clock inside is not heard', async () => {
    const { run } = start({ processes: 1 });
    await run({ ...RUN, source: 'return 1;' });
    const [pid = 0] = childProcesses();

    const outcome = await run({
      ...{ ...RUN, source: 'console.log(1); for (;;);', limits: { timeoutMs: 300 } },
      onLog: () => process.kill(pid, 'SIGSTOP'),
    });

    expect(outcome).to.have.nested.property('error.code', 'code_timeout');
    expect(outcome).to.have.nested.property('error.message').that.contains('killed');
    expect(childProcesses()).not.to.include(pid);
  });

  it('take only so many that wait', async () => {
    const { run } = start({ processes: 1, maxWaiting: 2 });

    const outcomes = await Promise.all(
      [1, 2, 3, 4].map((input) => run({ ...RUN, source: 'return input;', input })),
    );

    expect(outcomes.slice(0, 3)).to.deep.equal([1, 2, 3].map((output) => ({ ok: true, output })));
    expect(outcomes[3]).to.have.nested.property('error.code', 'code_busy');
    expect(outcomes[3]).to.have.nested.property('error.retryable', true);
  });

  it('end with the runner, and what ran is aborted', async () => {
    const { run, stop } = start({ processes: 1 });
    const running = [1, 2].map(() => run({ ...RUN, source: 'for (;;);' }));

    await stop();
    await stop();

    for (const outcome of await Promise.all(running)) {
      expect(outcome).to.have.nested.property('error.code', 'aborted');
    }
    expect(await run({ ...RUN, source: 'return 1;' })).to.have.nested.property('error.code', 'aborted');
  });
});

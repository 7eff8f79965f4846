import { execFile, fork } from 'node:child_process';
import { open as openFile } from 'node:fs/promises';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createProcessPool, type ProcessPool, restrictionFlags, siblingScript } from '@millrace/isolation';
import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';
import type { TestRequest } from './support/script.js';

const PATIENT = { timeoutMs: 9_000 };

type Answer = number | string | string[];

describe('createProcessPool', () => {
  const script = siblingScript('./support/script', import.meta.url);
  let pool: ProcessPool<TestRequest, Answer>;
  beforeEach(() => {
    pool = createProcessPool({ script, processes: 2, maxHeapMb: 64 });
  });
  afterEach(() => pool.stop());

  it('answers every request, more of them than processes', async () => {
    const values = Array.from({ length: 20 }, (_, value) => value);

    const results = await Promise.all(values.map((value) => pool.run({ do: 'echo', value }, PATIENT)));

    expect(results).to.deep.equal(values.map((answer) => ({ kind: 'answered', answer })));
  });

  it('kills what blocks and goes on with the rest', async () => {
    const blocked = pool.run({ do: 'block' }, { timeoutMs: 1_000 });
    const neighbour = pool.run({ do: 'echo', value: 7 }, PATIENT);

    expect(await blocked).to.deep.equal({ kind: 'timeout' });
    expect(await neighbour).to.deep.equal({ kind: 'answered', answer: 7 });
  });

  it('survives a process that eats its memory, and one that throws', async () => {
    expect((await pool.run({ do: 'eat' }, PATIENT)).kind).to.equal('died');
    expect((await pool.run({ do: 'throw' }, PATIENT)).kind).to.equal('died');
    expect(await pool.run({ do: 'echo', value: 3 }, PATIENT)).to.deep.equal({ kind: 'answered', answer: 3 });
  });

  it('stops at an abort, under way or waiting', async () => {
    const controller = new AbortController();
    const underWay = pool.run({ do: 'block' }, { ...PATIENT, signal: controller.signal });
    controller.abort();

    expect(await underWay).to.deep.equal({ kind: 'aborted' });
    expect(await pool.run({ do: 'echo' }, { ...PATIENT, signal: controller.signal })).to.deep.equal({
      kind: 'aborted',
    });
  });

  it('forgets a request that is aborted while it waits', async () => {
    const controller = new AbortController();
    const busy = [1, 2].map(() => pool.run({ do: 'block' }, { timeoutMs: 1_000 }));
    const waiting = pool.run({ do: 'echo' }, { ...PATIENT, signal: controller.signal });

    controller.abort();

    expect(await Promise.race([waiting, ...busy])).to.deep.equal({ kind: 'aborted' });
    await Promise.all(busy);
  });

  it('gives its processes nothing but the rule that time is UTC', async () => {
    const environment = await pool.run({ do: 'environment' }, PATIENT);
    const folder = await pool.run({ do: 'folder' }, PATIENT);

    // macOS adds one of its own to every process.
    expect(environment.kind === 'answered' && environment.answer).to.satisfy((names: string[]) =>
      names.every((name) => ['TZ', '__CF_USER_TEXT_ENCODING'].includes(name)),
    );
    expect(folder).to.deep.equal({ kind: 'answered', answer: parse(process.cwd()).root });
  });

  it('hands its processes no open file of this one', async function () {
    if (process.platform !== 'linux') return;
    const file = await openFile(import.meta.filename);
    const result = await pool.run({ do: 'files' }, PATIENT);
    await file.close();

    const targets = result.kind === 'answered' && Array.isArray(result.answer) ? result.answer : [];
    expect(targets)
      .to.include('/dev/null')
      .and.not.to.include(import.meta.filename);
  });

  it('hears what is noted while the work goes on, in order, before the answer', async () => {
    const heard: unknown[] = [];
    const result = await pool.run(
      { do: 'note', value: 1_000 },
      { ...PATIENT, onNote: (note) => heard.push(note) },
    );

    expect(result).to.deep.equal({ kind: 'answered', answer: 1_000 });
    expect(heard).to.deep.equal(Array.from({ length: 1_000 }, (_, count) => count));
  });

  it('carries a large text in pieces, both ways, to the request that it belongs to', async () => {
    const text = Array.from({ length: 50 }, (_, index) => String.fromCharCode(65 + index).repeat(10_000));
    const ask = { do: 'text', value: 3 } as const;

    const results = await Promise.all([
      pool.run(ask, { ...PATIENT, text }),
      pool.run(ask, { ...PATIENT, text: ['b'] }),
      pool.run(ask, PATIENT),
    ]);

    const told = results.map((result) =>
      result.kind === 'answered' ? [result.answer, result.text?.join('')] : [],
    );
    expect(told).to.deep.equal([
      [50, text.join('').repeat(3)],
      [1, 'bbb'],
      [0, undefined],
    ]);
    const [first] = results;
    const lengths = first?.kind === 'answered' ? (first.text ?? []).map(({ length }) => length) : [];
    expect(Math.max(...lengths)).to.be.below(200_000);
  });

  it('replaces a process after its runs, without losing a request', async () => {
    await pool.stop();
    pool = createProcessPool({
      ...{ script, processes: 1, maxHeapMb: 64 },
      recycle: { afterRuns: 3, aboveRssMb: 10_000 },
    });

    const results = await Promise.all(Array.from({ length: 7 }, () => pool.run({ do: 'pid' }, PATIENT)));

    const pids = results.map((result) => (result.kind === 'answered' ? result.answer : result.kind));
    expect(pids.map((pid) => pids.indexOf(pid))).to.deep.equal([0, 0, 0, 3, 3, 3, 6]);
  });

  it('replaces a process that has grown', async () => {
    await pool.stop();
    pool = createProcessPool({
      ...{ script, processes: 1, maxHeapMb: 64 },
      recycle: { afterRuns: 10_000, aboveRssMb: 1 },
    });

    const first = await pool.run({ do: 'pid' }, PATIENT);
    const second = await pool.run({ do: 'pid' }, PATIENT);

    expect(first.kind).to.equal('answered');
    expect(second.kind).to.equal('answered');
    expect(second).not.to.deep.equal(first);
  });

  it('can deny code from strings, and speak plainly', async () => {
    await pool.stop();
    const restrictions = { noCodeFromStrings: true, plainMessages: true };
    pool = createProcessPool({ ...{ script, processes: 1, maxHeapMb: 64 }, restrictions });

    expect(await pool.run({ do: 'compile' }, PATIENT)).to.deep.equal({
      kind: 'answered',
      answer: 'EvalError',
    });
  });

  it('can deny files, processes and native code', async () => {
    const flags = restrictionFlags({ readableOnly: [import.meta.dirname] });
    const attempts = `
      const tried = [
        () => require('node:fs').readFileSync('/etc/hosts'),
        () => require('node:fs').writeFileSync(${JSON.stringify(`${import.meta.filename}.new`)}, ''),
        () => require('node:child_process').spawnSync('true'),
        () => process.dlopen({ exports: {} }, '/none.node'),
        () => require('node:fs').readFileSync(${JSON.stringify(import.meta.filename)}),
      ];
      console.log(tried.map((attempt) => { try { attempt(); return 'done'; } catch (error) { return error.code; } }).join());`;

    const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', attempts]);

    expect(stdout.trim().split(',')).to.deep.equal([
      ...['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED', 'done'],
    ]);
  });

  it('leaves no process behind when this one is killed, even one that is blocked', async () => {
    const parent = fork(fileURLToPath(siblingScript('./support/parent', import.meta.url)), {
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const pid = await new Promise<unknown>((resolve) => parent.once('message', resolve));

    parent.kill('SIGKILL');

    await eventually(() => {
      expect(() => process.kill(Number(pid), 0)).to.throw('ESRCH');
    });
  });

  it('aborts everything when stopped', async () => {
    const running = [1, 2, 3].map(() => pool.run({ do: 'block' }, PATIENT));

    await pool.stop();

    expect((await Promise.all(running)).map((result) => result.kind)).to.deep.equal([
      'aborted',
      'aborted',
      'aborted',
    ]);
  });
});

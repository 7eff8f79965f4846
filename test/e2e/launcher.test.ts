import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { freePort, isAlive } from '../../infra/local/stores.js';
import { eventually } from '../support/poll.js';

const local = fileURLToPath(new URL('../../infra/local/', import.meta.url));

/** Stand-ins with the manners of the services: the launcher is tested here, not they. */
const services = {
  'migrate.mjs': `process.exit(process.env.REFUSE_MIGRATION ? (console.error('the schema is newer'), 1) : 0);`,
  'front.mjs': `
    import { createServer } from 'node:http';
    const server = createServer((request, response) =>
      response.end(JSON.stringify({ components: { workers: { status: 'ok' } } })));
    server.listen(Number(process.env.PORT), process.env.HOST);
    process.on('SIGTERM', () => process.exit(0));`,
  'service.mjs': `
    import { appendFileSync } from 'node:fs';
    appendFileSync(process.env.PIDS, process.pid + '\\n');
    setInterval(() => {}, 1000);
    process.on('SIGTERM', () => process.exit(0));`,
  'start.mjs': `
    import { main } from '${local}console.js';
    import { readSettings } from '${local}settings.js';
    import { runPlatform } from '${local}platform.js';
    const at = (name) => new URL(name, import.meta.url).pathname;
    const scripts = { migrate: at('migrate.mjs'), front: at('front.mjs'), scheduler: at('service.mjs'), worker: at('service.mjs') };
    await main(() => runPlatform(readSettings(process.env, []), { scripts }));`,
};

interface Launched {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | string>;
  until(text: string): Promise<void>;
}

describe('the launcher', function () {
  this.timeout(60_000);
  let folder = '';
  let launched: Launched[] = [];

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-launcher-'));
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'services'));
    for (const [name, text] of Object.entries(services))
      writeFileSync(path.join(folder, 'services', name), text);
  });
  afterEach(async () => {
    for (const { child, ended } of launched) {
      child.kill('SIGTERM');
      await ended;
    }
    launched = [];
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(env: Record<string, string> = {}): Promise<Launched> {
    const child = spawn(process.execPath, [path.join(folder, 'services', 'start.mjs')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        MILLRACE_DATA: path.join(folder, 'data'),
        PIDS: path.join(folder, 'pids'),
        PORT: String(await freePort()),
        WORKERS: '2',
        ...env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close').then(([code, signal]: unknown[]) =>
      typeof code === 'number' ? code : String(signal),
    );
    const until = (text: string): Promise<void> =>
      eventually(() => expect(output).to.include(text), { timeoutMs: 40_000, description: text }).then(
        () => undefined,
      );
    const one = { child, output: () => output, ended, until };
    launched.push(one);
    return one;
  }

  const pids = (): number[] => {
    const started = readFileSync(path.join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
    const [postgres] = readFileSync(path.join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split(
      '\n',
    );
    return [...started, Number(postgres)];
  };

  it('gets ready, shows the sign-in once, and stops cleanly when asked', async () => {
    const first = await launch();
    await first.until('Press Ctrl-C');
    first.child.kill('SIGTERM');
    const code = await first.ended;
    const second = await launch();
    await second.until('Press Ctrl-C');

    expect(code).to.equal(0);
    expect(first.output()).to.match(/^Millrace ready at http:\/\/127\.0\.0\.1:\d+$/m);
    expect(first.output()).to.match(/Sign in as admin with \S{19}/);
    expect(second.output()).not.to.include('Sign in as');
    expect(second.output()).to.include(path.join(folder, 'data', 'credentials'));
  });

  it('starts a killed worker again', async () => {
    const one = await launch();
    await one.until('Press Ctrl-C');
    const before = pids().length;

    process.kill(pids().at(-2) ?? 0, 'SIGKILL');

    await one.until('died (SIGKILL); starting it again');
    await eventually(() => expect(pids()).to.have.length(before + 1));
  });

  it('leaves no process behind when it is killed itself', async () => {
    rmSync(path.join(folder, 'pids'), { force: true });
    const one = await launch();
    await one.until('Press Ctrl-C');
    const mine = pids();

    one.child.kill('SIGKILL');

    await eventually(() => expect(mine.filter(isAlive)).to.deep.equal([]), { timeoutMs: 30_000 });
  });

  it('says when the data folder is served already', async () => {
    const one = await launch();
    await one.until('Press Ctrl-C');

    const other = await launch();

    expect(await other.ended).to.equal(1);
    expect(other.output()).to.include('is already served by a running PostgreSQL').and.not.include('    at ');
  });

  it('says why the schema could not be brought up to date', async () => {
    const one = await launch({ REFUSE_MIGRATION: '1' });

    expect(await one.ended).to.equal(1);
    expect(one.output()).to.include('the schema is newer').and.not.include('    at ');
  });
});

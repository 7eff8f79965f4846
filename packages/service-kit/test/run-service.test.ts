import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../../test/support/poll.js';

const fixture = path.join(import.meta.dirname, 'fixtures/service.ts');

interface Run {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  says: (text: string) => Promise<void>;
  /** Exit code, or the signal that killed it. */
  ended: Promise<number | string>;
}

const children = new Set<ChildProcess>();

function run(behaviour: string, env: Record<string, string> = {}, withIpc = false): Run {
  const args = ['--conditions=source', '--import=tsx', fixture, behaviour];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(withIpc ? (['ipc'] as const) : [])],
  });
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | string>((resolve) => {
    // `close` also waits for the last words, but never comes once an IPC channel was disconnected from this side.
    child.once(withIpc ? 'exit' : 'close', (code: number | null, signal: string | null) => {
      children.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (text) =>
      eventually(() => void expect(stdout).to.contain(text), { timeoutMs: 30_000, description: text }),
    ended,
  };
}

describe('runService', function () {
  // Each case starts a process, which takes seconds on a busy machine.
  this.timeout(60_000);

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops and exits with 0 on ${signal}`, async () => {
      const service = run('well');
      await service.says('"started"');
      service.child.kill(signal);
      expect(await service.ended).to.equal(0);
      expect(service.stdout()).to.contain(`"reason":"${signal}"`).and.contain('"stopped"');
    });
  }

  it('stops when the parent is gone', async () => {
    const service = run('well', {}, true);
    await service.says('"started"');
    service.child.disconnect();
    expect(await service.ended).to.equal(0);
  });

  it('ends anyway when stopping takes longer than DRAIN_SECONDS', async () => {
    const service = run('never stops', { DRAIN_SECONDS: '0' });
    await service.says('"started"');
    service.child.kill('SIGTERM');
    expect(await service.ended).to.equal(1);
    expect(service.stdout()).to.contain('not stopped within DRAIN_SECONDS');
  });

  it('exits at once on a second signal', async () => {
    const service = run('never stops', { DRAIN_SECONDS: '3600' });
    await service.says('"started"');
    service.child.kill('SIGTERM');
    await service.says('hanging');
    service.child.kill('SIGINT');
    expect(await service.ended).to.equal(130);
  });

  it('exits with 1 when stopping fails', async () => {
    const service = run('stops badly');
    await service.says('"started"');
    service.child.kill('SIGTERM');
    expect(await service.ended).to.equal(1);
    expect(service.stdout()).to.contain('stuck');
  });

  for (const [behaviour, words] of [
    ['crashes later', 'unhandled rejection'],
    ['throws later', 'uncaught exception'],
  ] as const) {
    it(`logs an ${words} and exits with 1`, async () => {
      const service = run(behaviour);
      expect(await service.ended).to.equal(1);
      expect(service.stdout()).to.contain(`"${words}"`).and.contain('"level":"fatal"');
    });
  }

  it('says one sentence when the start is refused', async () => {
    const service = run('refuses');
    expect(await service.ended).to.equal(1);
    expect(service.stderr()).to.equal('millrace fixture: The moon is in the wrong quarter: wait a week.\n');
  });

  it('says one sentence when the configuration is bad', async () => {
    const service = run('well', { DRAIN_SECONDS: 'soon', LOG_LEVEL: 'loud' });
    expect(await service.ended).to.equal(1);
    expect(service.stderr().trim().split('\n')).to.have.length(1);
    expect(service.stderr()).to.contain('DRAIN_SECONDS').and.contain('LOG_LEVEL');
  });

  it('says which port is in use and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    const service = run('well', { PORT: port });
    const code = await service.ended;
    other.close();
    expect(code).to.equal(1);
    expect(service.stderr()).to.equal(
      `millrace fixture: Port ${port} is in use by another program: stop it, or choose another port with PORT.\n`,
    );
  });

  it('shows the stack of what nobody expected', async () => {
    const service = run('breaks');
    expect(await service.ended).to.equal(1);
    expect(service.stderr()).to.contain('TypeError: nobody expected this\n    at ');
  });
});

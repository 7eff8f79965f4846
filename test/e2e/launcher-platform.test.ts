import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as z from 'zod';
import { freePort } from '../../infra/local/stores.js';
import { eventually } from '../support/poll.js';

const start = fileURLToPath(new URL('../../infra/local/start.js', import.meta.url));

interface Launched {
  child: ChildProcess;
  output(): string;
  ended: Promise<unknown>;
}

/** The whole platform, as `npm start` runs it, with the real services. */
describe('npm start', function () {
  this.timeout(240_000);
  let folder = '';
  let port = 0;
  let running: Launched | undefined;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-start-'));
    chmodSync(folder, 0o755);
    port = await freePort();
  });
  after(async () => {
    running?.child.kill('SIGTERM');
    await running?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function launch(...options: string[]): Promise<Launched> {
    const { DATABASE_URL: _database, REDIS_URL: _redis, NODE_ENV: _environment, ...env } = process.env;
    const child = spawn(process.execPath, [start, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, NODE_OPTIONS: '', MILLRACE_DATA: folder, PORT: String(port), WORKERS: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close').then(([code]: unknown[]) => code);
    running = { child, output: () => output, ended };
    await eventually(
      () => {
        if (child.exitCode === null) expect(output).to.include('Press Ctrl-C');
      },
      { timeoutMs: 180_000, description: 'the platform' },
    );
    expect(child.exitCode, output).to.equal(null);
    return running;
  }

  async function stop({ child, ended }: Launched): Promise<unknown> {
    child.kill('SIGTERM');
    return ended;
  }

  async function call(address: string, token?: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${address}`, {
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    expect(response.ok, `${address} answered ${response.status}`).to.equal(true);
    return response.json();
  }

  const logIn = async (username: string, password: string): Promise<string> =>
    z
      .object({ access_token: z.string() })
      .parse(await call('/auth/login/json', undefined, { username, password })).access_token;
  const passwordOf = (user: string, output: string): string =>
    new RegExp(`Sign in as ${user} with (\\S+)`).exec(output)?.[1] ?? '';
  const workflowsOf = async (token: string): Promise<string[]> =>
    z
      .array(z.object({ id: z.string() }))
      .parse(await call('/workflows/', token))
      .map(({ id }) => id);

  it('seeds the examples, shows one running, and finds everything again the next time', async () => {
    const first = await launch();
    const output = first.output();
    const passwords = { admin: passwordOf('admin', output), user: passwordOf('user', output) };
    const all = await workflowsOf(await logIn('admin', passwords.admin));
    const own = await workflowsOf(await logIn('user', passwords.user));
    const code = await stop(first);
    const second = await launch('--no-example');
    const admin = await logIn('admin', passwords.admin);
    const kept = z.array(z.object({ status: z.string() })).parse(await call('/executions', admin));

    expect(output.match(/^Millrace ready at http:\/\/127\.0\.0\.1:\d+$/gm)).to.have.length(1);
    expect(output).to.match(/✓ Requirements +\d+ ms\n(?:.*\n)*.*✓ Hand-over +\d+ ms\n.*● completed/);
    expect(own).not.to.deep.equal([]);
    expect(own.every((id) => id.startsWith('example-') && id.endsWith('-user'))).to.equal(true);
    expect(all).to.include.members([...own, ...own.map((id) => id.replace(/-user$/, ''))]);
    expect(code).to.equal(0);
    expect(kept.map(({ status }) => status)).to.deep.equal(['completed']);
    expect(second.output()).not.to.include('Sign in as').and.not.to.include('workflows created');
    expect(second.output()).not.to.match(/error/i);
  });
});

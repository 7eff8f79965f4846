import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '@millrace/client';
import { expect } from 'chai';
import { freePort } from '../../../../infra/local/stores.js';
import { eventually } from '../../../support/poll.js';
import { afterAllTests } from '../../../support/root-hooks.js';
import { startLlmServer, type LlmServer } from '../../../support/servers/llm.js';

const start = fileURLToPath(new URL('../../../../infra/local/start.js', import.meta.url));

export const PASSWORDS = { admin: 'admin-of-the-tests-1', user: 'user-of-the-tests-1' } as const;
export type DefaultUser = keyof typeof PASSWORDS;

export interface ConsolePlatform {
  /** Without a slash at its end. */
  readonly url: string;
  /** A client of the API for setting things up. */
  readonly api: Readonly<Record<DefaultUser, Client>>;
  /** A client of somebody else's. */
  apiOf(username: string, password: string): Client;
  /** What agents ask whose `model` begins with `openai-compatible/`; all others work offline. */
  readonly llm: LlmServer;
}

let running: Promise<ConsolePlatform> | undefined;
let child: ChildProcess | undefined;

/** The whole platform as `npm start` runs it (embedded PostgreSQL, two workers), one for all files of a run. */
export function consolePlatform(): Promise<ConsolePlatform> {
  running ??= launch();
  return running;
}

async function launch(): Promise<ConsolePlatform> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-console-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const llm = await startLlmServer();
  const { DATABASE_URL: _database, REDIS_URL: _redis, NODE_ENV: _environment, ...env } = process.env;
  child = spawn(process.execPath, [start, '--no-example'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      NODE_OPTIONS: '',
      MILLRACE_DATA: folder,
      PORT: String(port),
      WORKERS: '2',
      // Steps call servers of the tests, which are on this machine.
      OUTBOUND_ALLOW: '127.0.0.1',
      LLM_PROVIDER: 'offline',
      LLM_BASE_URL: llm.baseUrl,
      ADMIN_PASSWORD: PASSWORDS.admin,
      USER_PASSWORD: PASSWORDS.user,
    },
  });
  const launched = child;
  let output = '';
  for (const stream of [launched.stdout, launched.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  ended = once(launched, 'close').then(async () => {
    rmSync(folder, { recursive: true, force: true });
    await llm.stop();
  });
  await eventually(
    () => {
      if (launched.exitCode === null) expect(output).to.include('Press Ctrl-C');
    },
    { timeoutMs: 180_000, description: 'the platform' },
  );
  expect(launched.exitCode, output).to.equal(null);
  const url = `http://127.0.0.1:${port}`;
  const apiOf = (username: string, password: string): Client =>
    createClient({ baseUrl: url, credentials: { username, password } });
  const api = { admin: apiOf('admin', PASSWORDS.admin), user: apiOf('user', PASSWORDS.user) };
  return { url, api, apiOf, llm };
}

let ended: Promise<void> | undefined;

afterAllTests(async () => {
  child?.kill('SIGTERM');
  await ended;
});

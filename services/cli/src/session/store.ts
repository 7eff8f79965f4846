import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';

export interface StoredLogin {
  readonly username: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface StoredCredentials {
  /** API root of the last log-in; the platform that commands without an address speak to. */
  readonly current?: string | undefined;
  /** By API root: a token is never sent to another platform than the one that gave it. */
  readonly servers: Readonly<Record<string, StoredLogin>>;
}

export interface CredentialStore {
  readonly file: string;
  read(): Promise<StoredCredentials>;
  /** Replaces the file by `change` of its present content, alone among all processes of this user. */
  update(
    change: (present: StoredCredentials) => Promise<StoredCredentials> | StoredCredentials,
  ): Promise<void>;
}

const LOCK_WAIT_MS = 25;
/** A lock this old belongs to a process that died. Longer than a token refresh may take. */
const LOCK_STALE_MS = 30_000;

/** `credentials.json` in the user's configuration folder (XDG), readable by the user alone. */
export function credentialStore(io: Pick<Io, 'env' | 'home'>): CredentialStore {
  const configured = io.env['XDG_CONFIG_HOME'];
  // The XDG specification: a relative path is to be ignored.
  const base = configured?.startsWith('/') === true ? configured : join(io.home, '.config');
  const file = join(base, 'millrace', 'credentials.json');
  const read = async (): Promise<StoredCredentials> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { servers: {} };
      throw error;
    }
    const parsed = parseCredentials(text);
    if (parsed === undefined) {
      throw new CliError(`${file} is damaged`, 'Delete it and sign in again with "millrace login".');
    }
    return parsed;
  };
  return {
    file,
    read,
    async update(change) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const release = await lock(`${file}.lock`);
      try {
        await replace(file, JSON.stringify(await change(await read()), null, 2));
      } finally {
        await release();
      }
    },
  };
}

/** Written beside and renamed: a reader sees the old file or the new one, never a half. */
async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, `${text}\n`, { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const age = await stat(path).then(
      (stats) => Date.now() - stats.mtimeMs,
      () => 0,
    );
    if (age > LOCK_STALE_MS) await rm(path, { force: true });
    else await sleep(LOCK_WAIT_MS);
  }
}

function parseCredentials(text: string): StoredCredentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isRecord(value['servers'])) return undefined;
  const servers: Record<string, StoredLogin> = {};
  for (const [root, login] of Object.entries(value['servers'])) {
    if (!isRecord(login)) return undefined;
    const { username, access_token, refresh_token } = login;
    if (
      typeof username !== 'string' ||
      typeof access_token !== 'string' ||
      typeof refresh_token !== 'string'
    ) {
      return undefined;
    }
    servers[root] = { username, access_token, refresh_token };
  }
  const current = value['current'];
  return typeof current === 'string' ? { current, servers } : { servers };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

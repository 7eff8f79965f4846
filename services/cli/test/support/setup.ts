import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { run, type Io } from '../../src/index.js';
import { startPlatform, type FakePlatform } from './platform.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bundle {
  readonly platform: FakePlatform;
  readonly home: string;
  /** Presses Ctrl-C on the command that runs. */
  interrupt(): void;
  /** Runs a command line with a token for the fake platform; `env` and `input` are added. */
  millrace(argv: readonly string[], more?: { env?: Record<string, string>; input?: string }): Promise<Ran>;
  file(name: string, text: string): Promise<string>;
  stop(): Promise<void>;
}

export async function setup(): Promise<Bundle> {
  const platform = await startPlatform();
  const home = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
  let onInterrupt: () => void = () => undefined;
  return {
    platform,
    home,
    interrupt: () => onInterrupt(),
    async millrace(argv, more = {}) {
      let stdout = '';
      let stderr = '';
      const io: Io = {
        stdin: Readable.from(more.input === undefined ? [] : [more.input]),
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        env: { MILLRACE_URL: platform.url, ...(more.env ?? { MILLRACE_TOKEN: 'tok' }) },
        home,
        onInterrupt(handler) {
          onInterrupt = handler;
          return () => {
            onInterrupt = () => undefined;
          };
        },
      };
      const code = await run(argv, io);
      return { code, stdout, stderr };
    },
    async file(name, text) {
      const path = join(home, name);
      await writeFile(path, text);
      return path;
    },
    async stop() {
      await platform.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { parse } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProcessPoolOptions } from './pool.js';

/** What a process is denied that handles what others wrote. Where a version of Node cannot deny something, it is left out. */
export interface ProcessRestrictions {
  /**
   * The only folders and files it may read; it may write none, start no process and load no native code. Threads, which
   * can do no more, it may start: `serveIsolated` needs one.
   * Held by built code alone: the loader of TypeScript sources could not work under it.
   */
  readableOnly?: readonly string[];
  /** No code from strings: `eval` and `new Function` throw. WebAssembly is not affected. */
  noCodeFromStrings?: boolean;
  /** Its messages are JSON and hold nothing else. Without it they are V8's own, which is no format to take from an enemy. */
  plainMessages?: boolean;
  /** Of the native stack, kilobytes. Far below what the operating system gives, or the process dies of its overflow. */
  stackKb?: number;
}

/**
 * Nothing of the parent's environment reaches the child but the rule that the time is told in UTC; it stands in the root
 * of the file system and has no open file but the channel to its parent.
 */
export function startProcess({ script, maxHeapMb, restrictions = {} }: ProcessPoolOptions): ChildProcess {
  const path = fileURLToPath(script);
  const isSource = path.endsWith('.ts');
  const loader = isSource ? ['--conditions=source', `--import=${loaderOfSources()}`] : [];
  return fork(path, {
    execArgv: [
      ...loader,
      `--max-old-space-size=${String(maxHeapMb)}`,
      ...restrictionFlags(restrictions, !isSource),
    ],
    cwd: parse(path).root,
    env: { TZ: 'UTC' },
    serialization: restrictions.plainMessages === true ? 'json' : 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** By its full address, for the child stands elsewhere. */
function loaderOfSources(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

/** Flags of Node for `restrictions`. */
export function restrictionFlags(
  { readableOnly, noCodeFromStrings, stackKb }: ProcessRestrictions,
  canRestrictFiles = true,
): string[] {
  const flags: string[] = [];
  if (noCodeFromStrings === true) flags.push('--disallow-code-generation-from-strings');
  if (stackKb !== undefined) flags.push(`--stack-size=${String(stackKb)}`);
  const permission = ['--permission', '--experimental-permission'].find((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  if (readableOnly !== undefined && canRestrictFiles && permission !== undefined) {
    flags.push(permission, '--allow-worker', ...readableOnly.map((path) => `--allow-fs-read=${path}`));
  }
  return flags;
}

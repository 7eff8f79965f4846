import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessRestrictions } from '@millrace/isolation';

/** What a runner's process imports, besides its own folder. */
const PACKAGES = [
  '@millrace/isolation',
  '@jitl/quickjs-ffi-types',
  '@jitl/quickjs-wasmfile-release-sync',
  '@swc/wasm-typescript',
  'quickjs-emscripten-core',
  'zod',
];

/**
 * The runner's process may read its own code and do nothing else: no other file, no process, no native code,
 * no code from strings. It does not need these walls, for the author's code never leaves WebAssembly; they are for the
 * day on which it does.
 */
export function runnerRestrictions(): ProcessRestrictions {
  const here = dirname(fileURLToPath(import.meta.url));
  return {
    readableOnly: [dirname(here), ...PACKAGES.flatMap(foldersOf)].map((folder) => join(folder, '*')),
    noCodeFromStrings: true,
    plainMessages: true,
    // Recursion in QuickJS is recursion here. Windows gives a process less than others do.
    ...(process.platform !== 'win32' && { stackKb: 3_000 }),
  };
}

/** Where a package lies, and where it really lies: those of this platform are links. */
function foldersOf(name: string): string[] {
  const above = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const folder = above.map((path) => join(path, name)).find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`the package ${name} is not installed`);
  return [...new Set([folder, realpathSync(folder)])];
}

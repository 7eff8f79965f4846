import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as published from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

/** What of it is used here. Node has it, its types do not. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  Memory: new (pages: { initial: number; maximum: number }) => object;
};

const PAGE = 65_536;
/** What the module starts with, and is built for. */
const INITIAL_PAGES = 256;
/** Beside what the code may use: the copies of text on its way in and out. */
const SPARE_MB = 64;

let compiling: Promise<object> | undefined;

let prepared: { readonly memoryMb: number; readonly instance: Promise<QuickJSWASMModule> } | undefined;

/**
 * A QuickJS with a memory of its own, empty and walled at `memoryMb` and something to spare: what one run left behind,
 * or broke, no other run can meet. The module is compiled once a process.
 */
export function takeInstance(memoryMb: number): Promise<QuickJSWASMModule> {
  const ready = prepared?.memoryMb === memoryMb ? prepared.instance : undefined;
  if (ready !== undefined) prepared = undefined;
  return ready ?? createInstance(memoryMb);
}

/** Makes the instance that the next run most likely wants, while nobody waits for it: most of what a short run takes. */
export function prepareInstance(memoryMb: number): void {
  if (prepared?.memoryMb === memoryMb) return;
  prepared = { memoryMb, instance: createInstance(memoryMb) };
}

async function createInstance(memoryMb: number): Promise<QuickJSWASMModule> {
  compiling ??= compile();
  const maximum = INITIAL_PAGES + Math.ceil(((memoryMb + SPARE_MB) * 1_048_576) / PAGE);
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
  return newQuickJSWASMModuleFromVariant(
    newVariant(plainVariant(), { wasmModule: await compiling, wasmMemory }),
  );
}

async function compile(): Promise<object> {
  const { resolve } = createRequire(import.meta.url);
  return WebAssembly.compile(await readFile(resolve('@jitl/quickjs-wasmfile-release-sync/wasm')));
}

/** The types describe the CommonJS build, whose default export lies one deeper than that of the build that is loaded. */
function plainVariant(): QuickJSSyncVariant {
  const found = [published.default, published.default.default].find(isVariant);
  if (found === undefined) throw new Error('the package of QuickJS has no variant');
  return found;
}

function isVariant(value: unknown): value is QuickJSSyncVariant {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'sync';
}

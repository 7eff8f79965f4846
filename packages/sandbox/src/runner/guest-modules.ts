import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { QuickJSRuntime } from 'quickjs-emscripten-core';
import { stripTypes } from './typescript.js';

const PREFIX = 'millrace:';

/** The modules that are run inside QuickJS, as text: built, or from the sources with their types stripped. */
const MODULES: Readonly<Record<string, string>> = Object.fromEntries(
  ['prelude', 'inspect'].map((name) => [`${PREFIX}${name}`, textOf(name)]),
);

function textOf(name: string): string {
  const extension = extname(new URL(import.meta.url).pathname);
  const text = readFileSync(new URL(`../guest/${name}${extension}`, import.meta.url), 'utf8');
  if (extension !== '.ts') return text;
  const stripped = stripTypes(text, true);
  if (!stripped.ok) throw new Error(`${name}: ${stripped.failure.message}`);
  return stripped.code;
}

export const PRELUDE = { name: `${PREFIX}prelude`, text: MODULES[`${PREFIX}prelude`] ?? '' };

const REFUSED = 'refused:';

/** Only the prelude imports, and only its own parts; `close` comes before the author's code. */
export function allowPrelude(runtime: QuickJSRuntime): { close(): void } {
  let isClosed = false;
  runtime.setModuleLoader(
    (name) =>
      MODULES[name] ?? {
        error: new Error(
          `"${name.replace(REFUSED, '')}" cannot be imported: a code step has no modules but itself`,
        ),
      },
    // A name of its own for what is refused: QuickJS gives out again what it has loaded, the prelude too.
    (_from, name) => (isClosed ? `${REFUSED}${name}` : `${PREFIX}${name.replace(/^\.\/|\.js$/g, '')}`),
  );
  return {
    close() {
      isClosed = true;
    },
  };
}

import type { JsonValue } from '@millrace/contracts';

export type Path = readonly (string | number)[];

const PART =
  /^(?:\.?(?<name>[A-Za-z_$][\w$-]*)|\[(?<index>-?\d{1,9})\]|\[(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]|\.?`(?<ticked>[^`]*)`)/;

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

/**
 * `steps.fetch.output.items[0]["odd name"]`, also with JSONata's back ticks and a leading `$.`; an index may count from
 * the end. Undefined for anything else.
 */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  let rest = text.trim().replace(/^\$(\.|(?=\[)|$)/, '');
  while (rest !== '') {
    const part = PART.exec(rest);
    if (part === null) return undefined;
    const { name, index, quoted, ticked } = part.groups ?? {};
    path.push(index === undefined ? (name ?? ticked ?? unquote(quoted ?? '""')) : Number(index));
    rest = rest.slice(part[0].length);
  }
  return path;
}

export type Found =
  | { readonly found: true; readonly value: JsonValue }
  /** `at` counts the parts that could be followed, `value` is where they led. */
  | { readonly found: false; readonly at: number; readonly value: JsonValue };

/** Follows own keys and indices only. */
export function follow(root: JsonValue, path: Path): Found {
  let value = root;
  for (const [at, part] of path.entries()) {
    const next = step(value, part);
    if (next === undefined) return { found: false, at, value };
    value = next;
  }
  return { found: true, value };
}

function step(value: JsonValue, part: string | number): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof part === 'number' ? value.at(part) : undefined;
  return Object.hasOwn(value, part) ? value[part] : undefined;
}

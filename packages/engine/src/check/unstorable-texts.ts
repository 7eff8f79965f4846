import type { Definition } from '@millrace/contracts';
import type { Loc } from '../graph/config-paths.js';

/** U+0000, and halves of surrogate pairs: a `text` or `jsonb` column takes neither. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Where the parts of a definition that lists and search read hold text the database cannot; nodes and edges are kept as they are. */
export function unstorableTexts({ name, description, metadata }: Definition): Loc[] {
  const found: Loc[] = [];
  const pending: { loc: Loc; value: unknown }[] = [
    { loc: ['name'], value: name },
    { loc: ['description'], value: description },
    { loc: ['metadata'], value: metadata },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { loc, value } = next;
    if (typeof value === 'string' && UNSTORABLE.test(value)) found.push(loc);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (UNSTORABLE.test(key)) found.push(loc);
      pending.push({ loc: [...loc, Array.isArray(value) ? Number(key) : key], value: inner });
    }
  }
  return found;
}

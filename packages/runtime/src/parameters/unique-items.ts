import { canonicalJson } from '@millrace/engine';
import type { FuncKeywordDefinition } from 'ajv';

/** JSON Schema's `uniqueItems` in linear time: Ajv's own compares every pair of objects. */
export const uniqueItems: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: 'must not hold two equal items' },
  validate: (wanted: boolean, items: unknown[]): boolean => {
    if (!wanted) return true;
    const seen = new Set<string>();
    for (const item of items) {
      const text = canonicalJson(item);
      if (seen.has(text)) return false;
      seen.add(text);
    }
    return true;
  },
};

import { invalidRequest } from '@millrace/service-kit';

export const MAX_JSON_DEPTH = 200;

/**
 * Refuses (422) what would overrun the stack of the checks to come, or be lost in them: values nested deeper than 200
 * levels, and keys named `__proto__`. Walks without recursion.
 */
export function assertPlainJson(root: unknown): void {
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_JSON_DEPTH) {
      throw refused(`is nested deeper than ${MAX_JSON_DEPTH} levels`, 'too_deep');
    }
    if (Object.hasOwn(value, '__proto__')) throw refused('must not hold a key "__proto__"', 'forbidden_key');
    const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
    for (const item of inner) {
      if (typeof item === 'object' && item !== null) pending.push({ value: item, depth: depth + 1 });
    }
  }
}

function refused(msg: string, type: string): Error {
  return invalidRequest([{ loc: ['body'], msg, type }]);
}

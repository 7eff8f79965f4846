import type * as z from 'zod';
import type { ErrorItem } from './errors.js';

/** Every finding of a schema with the way to it, behind `prefix`. Of a union the findings of the alternative nearest to what was given. */
export function errorItems(error: z.core.$ZodError, prefix: readonly (string | number)[] = []): ErrorItem[] {
  return error.issues.flatMap((issue) => itemsOf(prefix, issue));
}

function itemsOf(prefix: readonly (string | number)[], issue: z.core.$ZodIssue): ErrorItem[] {
  const loc = [...prefix, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => itemsOf(loc, inner));
  }
  return [{ loc, msg: issue.message, type: issue.code }];
}

/** The alternative the value came nearest to: whose first finding lies deepest. None when all fail at the value itself. */
function closestBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const depth = (branch: z.core.$ZodIssue[]): number => Math.min(...branch.map(({ path }) => path.length));
  const [best] = branches.filter((branch) => branch.length > 0).sort((a, b) => depth(b) - depth(a));
  if (best === undefined) return undefined;
  return depth(best) > 0 || branches.length === 1 ? best : undefined;
}

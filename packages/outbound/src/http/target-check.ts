import { toHttpError } from './errors.js';
import { createGuard } from './guard.js';
import type { HttpError } from './types.js';

/**
 * Judges addresses that are to be called later, as far as that is possible without resolving names: what it lets pass
 * may still be refused when it is called. Undefined for what may be tried. Throws a RangeError for an allowlist entry
 * that it cannot read.
 */
export function createTargetCheck(options: {
  allow?: readonly string[];
}): (url: string) => HttpError | undefined {
  const guard = createGuard(options.allow ?? [], []);
  return (url) => {
    try {
      guard.checkUrl(new URL(url));
      return undefined;
    } catch (error) {
      return toHttpError(error, 'the target');
    }
  };
}

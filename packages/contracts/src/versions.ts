/**
 * Versions are numbered from 1 as they are published, and from -1 downwards as drafts are tested. Each is immutable, and
 * no number is given twice.
 */
export function isTestVersion(version: number): boolean {
  return version < 0;
}

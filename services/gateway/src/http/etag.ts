/** `"3"` for revision 3. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * Whether a write under this `If-Match` may go ahead: none given, `*`, or the revision in the list. Weak tags count,
 * because compressing proxies make them of strong ones.
 */
export function matchesRevision(ifMatch: string | undefined, revision: number): boolean {
  if (ifMatch === undefined) return true;
  const wanted = etagOf(revision);
  return ifMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === wanted);
}

/** Whether the caller of a read already has what would be answered. */
export function hasRevision(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  if (ifNoneMatch === undefined || etag === undefined) return false;
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

/** The one revision an `If-Match` names, for a compare-and-set in the database; undefined where it names none. */
export function expectedRevision(ifMatch: string | undefined): number | undefined {
  const tag = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch?.trim() ?? '')?.[1];
  return tag === undefined ? undefined : Number(tag);
}

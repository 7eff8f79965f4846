/** RFC 3339 in UTC, as every time on the wire. */
export function isoTime(date: Date): string {
  return date.toISOString();
}

export function isoTimeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

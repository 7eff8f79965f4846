/** `12ms`, `1.2s`, `2m 03s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3_600)}h ${two(Math.floor((seconds % 3_600) / 60))}m`;
}

/** The server's RFC 3339 time to the second, still UTC: what logs and other people show. */
export function formatTime(timestamp: string | null): string {
  return timestamp === null ? '-' : timestamp.replace(/\.\d+Z$/, 'Z');
}

/** The time of day of a timestamp, `12:00:01.123`, UTC. */
export function formatClock(timestamp: string): string {
  return timestamp.slice(11, 23).replace(/Z$/, '');
}

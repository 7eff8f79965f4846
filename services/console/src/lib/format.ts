/** Numbers and times as people read them. Pure; the time zone is passed in. */

const UNITS: readonly (readonly [suffix: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** `0.4 ms`, `820 ms`, `1.4 s`, `2 min`, `2 min 05 s`, `3 h 12 min`. Negative is zero. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 10) return `${trimmed(value, 1)} ms`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${trimmed(value / 1_000, 1)} s`;
  const at = UNITS.findIndex(([, unit]) => value >= unit);
  const [suffix, unit] = UNITS[at] ?? ['s', 1_000];
  const [smallerSuffix, smaller] = UNITS[at + 1] ?? ['s', 1_000];
  const whole = Math.floor(value / unit);
  const rest = Math.floor((value - whole * unit) / smaller);
  const head = `${whole} ${suffix}`;
  return rest === 0 ? head : `${head} ${String(rest).padStart(2, '0')} ${smallerSuffix}`;
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,204`; from 100,000 on `104K`. */
export function formatCount(count: number): string {
  return count < 100_000 ? whole.format(count) : compact.format(count);
}

/** `512 B`, `64.0 KiB`, `3.2 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const exponent = Math.min(3, Math.floor(Math.log(bytes) / Math.log(1_024)));
  return `${(bytes / 1_024 ** exponent).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][exponent] ?? 'GiB'}`;
}

const RELATIVE: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

/** `3 min. ago`, `in 2 hr.`, `now` within a second. */
export function formatRelative(atMs: number, nowMs: number): string {
  const difference = atMs - nowMs;
  const [unit, ms] = RELATIVE.find(([, size]) => Math.abs(difference) >= size) ?? ['second', 1_000];
  return relative.format(Math.round(difference / ms) || 0, unit);
}

/** `30 Nov 2026, 18:07:32 UTC+1`, with `fraction` the milliseconds too. */
export function formatTime(at: Date, timeZone: string | undefined, fraction = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(fraction && { fractionalSecondDigits: 3 as const }),
    ...(timeZone !== undefined && { timeZone }),
    timeZoneName: 'short',
  }).format(at);
}

/** `18:07:32`. */
export function formatClock(at: Date, timeZone: string | undefined): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...(timeZone !== undefined && { timeZone }),
  }).format(at);
}

/** `1 execution`, `2 executions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

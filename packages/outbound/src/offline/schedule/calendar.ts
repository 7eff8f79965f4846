const DAY_MS = 86_400_000;

/** Midnight UTC of `YYYY-MM-DD`; undefined for anything that is not a day of the calendar. */
export function parseDay(text: string): Date | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$/.exec(text.trim());
  if (!match) return undefined;
  const day = new Date(`${match[1] ?? ''}-${match[2] ?? ''}-${match[3] ?? ''}T00:00:00Z`);
  // `2025-02-30` parses as March.
  return Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(match[3]) ? undefined : day;
}

function isWeekend(day: Date): boolean {
  return day.getUTCDay() === 0 || day.getUTCDay() === 6;
}

/** The working day (Monday to Friday) `offset` working days after `start`; a start on a weekend counts as the Monday. */
export function workingDay(start: Date, offset: number): string {
  let day = start;
  while (isWeekend(day)) day = new Date(day.getTime() + DAY_MS);
  const weeks = Math.floor(offset / 5);
  day = new Date(day.getTime() + weeks * 7 * DAY_MS);
  for (let left = offset - weeks * 5; left > 0;) {
    day = new Date(day.getTime() + DAY_MS);
    if (!isWeekend(day)) left -= 1;
  }
  return day.toISOString().slice(0, 10);
}

/** The first and last working day of work from `from` to `to`, in working days after the start. */
export function datesOf(
  start: Date | undefined,
  from: number,
  to: number,
): { first: string | null; last: string | null } {
  if (!start) return { first: null, last: null };
  const first = Math.floor(from);
  return { first: workingDay(start, first), last: workingDay(start, Math.max(first, Math.ceil(to) - 1)) };
}

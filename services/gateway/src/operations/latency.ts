import type { LatencyWindow, ThroughputMinute } from '@millrace/contracts';
import type { EndedMinute } from '@millrace/persistence';
import { isoTime } from '../http/dates.js';

const MINUTE_MS = 60_000;

/** How many times what was counted of a minute the whole of it is; of the minute that is going on, so far. */
function scaleOf({ minute, countedUntil }: EndedMinute, now: Date): number {
  if (countedUntil === undefined) return 1;
  const whole = Math.min(MINUTE_MS, now.getTime() - minute.getTime());
  const counted = Math.max(1, countedUntil.getTime() - minute.getTime());
  return Math.max(1, whole / counted);
}

export function toThroughput(ended: EndedMinute, now: Date): ThroughputMinute {
  const scale = scaleOf(ended, now);
  const scaled = (count: number): number => Math.round(count * scale);
  return {
    minute: isoTime(ended.minute),
    completed: scaled(ended.completed),
    failed: scaled(ended.failed),
    cancelled: scaled(ended.cancelled),
    timed_out: scaled(ended.timedOut),
    exact: ended.countedUntil === undefined,
  };
}

interface Measured {
  value: number;
  /** How many executions it stands for. */
  weight: number;
}

/** Of the minutes that began in the last so many seconds. A minute counts by what ended in it, not by its sample. */
export function toLatency(minutes: readonly EndedMinute[], now: Date, windowSeconds: number): LatencyWindow {
  const inside = minutes.filter(({ minute }) => minute.getTime() > now.getTime() - windowSeconds * 1_000);
  const waits: Measured[] = [];
  const durations: Measured[] = [];
  let exact = true;
  for (const ended of inside) {
    const weight = (ended.started * scaleOf(ended, now)) / ended.waits.length;
    if (ended.countedUntil !== undefined || ended.waits.length < ended.started) exact = false;
    for (const value of ended.waits) waits.push({ value, weight });
    for (const value of ended.durations) durations.push({ value, weight });
  }
  return {
    window_seconds: windowSeconds,
    queue_wait: percentilesOf(waits),
    duration: percentilesOf(durations),
    sample: waits.length,
    exact,
  };
}

function percentilesOf(measured: Measured[]): LatencyWindow['duration'] {
  if (measured.length === 0) return null;
  measured.sort((a, b) => a.value - b.value);
  const total = measured.reduce((sum, { weight }) => sum + weight, 0);
  const at = (share: number): number => {
    let seen = 0;
    for (const { value, weight } of measured) {
      seen += weight;
      if (seen >= total * share) return value;
    }
    return measured.at(-1)?.value ?? 0;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

import type { Evaluated } from '@millrace/engine';
import type { SleepImplementation } from './types.js';

const YEAR_MS = 366 * 86_400_000;

function invalid(message: string): Evaluated<number> {
  return { ok: false, error: { code: 'delay_invalid', message, fault: 'workflow', retryable: false } };
}

export const delayStep: SleepImplementation = {
  dueAt({ config, now }) {
    const { seconds, until } = config;
    if (seconds !== undefined) {
      const value = typeof seconds === 'string' && seconds.trim() !== '' ? Number(seconds) : seconds;
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
        return invalid(`"seconds" must be a number of at least 0, got ${JSON.stringify(seconds)}`);
      }
      if (value * 1_000 > YEAR_MS) return invalid('a delay may last 366 days at most');
      return { ok: true, value: now + value * 1_000 };
    }
    const at = typeof until === 'string' ? Date.parse(until) : Number.NaN;
    if (Number.isNaN(at))
      return invalid(`"until" must be an RFC 3339 time, got ${JSON.stringify(until ?? null)}`);
    if (at - now > YEAR_MS) return invalid('a delay may last 366 days at most');
    return { ok: true, value: at };
  },
};

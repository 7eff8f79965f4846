/** An execution's events as lines for human eyes. */

const nameWidth = 24;

/**
 * Makes a describer of one execution's events, which it must be given in order.
 * @returns {(event: any) => string | undefined} one line (time, sign, step, duration) for what a person wants to see of
 * an update of API.md, nothing for the rest
 */
export function describeEvents() {
  let startedAt = Number.NaN;
  return (event) => {
    const { type, timestamp, data = {} } = event ?? {};
    const at = Date.parse(timestamp);
    if (type === 'started') startedAt = at;
    const entry = signFor(type, data, at - startedAt);
    if (!entry) return undefined;
    const [sign, name, note] = entry;
    const time = Number.isNaN(at) ? '' : new Date(at).toTimeString().slice(0, 8);
    return `${time}  ${sign} ${name.padEnd(nameWidth)} ${note}`.trimEnd();
  };
}

/**
 * @param {string} type
 * @param {any} data
 * @param {number} tookMs of the whole execution
 * @returns {[sign: string, name: string, note: string] | undefined}
 */
function signFor(type, data, tookMs) {
  const step = data.step_name ?? data.step_id;
  switch (type) {
    case 'step_completed':
      return ['✓', step, duration(data.duration_ms)];
    case 'step_reused':
      return ['✓', step, 'reused'];
    case 'step_failed':
      return ['✗', step, data.error?.message ?? data.error?.code ?? 'failed'];
    case 'step_retrying':
      return ['↻', step, 'will be tried again'];
    case 'step_skipped':
      return ['–', step, 'skipped'];
    case 'waiting':
      return ['…', 'waiting', ''];
    case 'completed':
      return ['●', 'completed', duration(tookMs)];
    case 'failed':
    case 'cancelled':
    case 'timed_out':
      return ['●', type.replace('_', ' '), data.error?.message ?? ''];
    default:
      return undefined;
  }
}

/** @param {number | undefined} ms */
const duration = (ms) => {
  if (ms === undefined || Number.isNaN(ms)) return '';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
};

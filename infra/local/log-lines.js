/** What a service writes: JSON lines go to its log file, warnings and errors also to the console in one line. */

/** @typedef {{level: number, text: string}} Notable */

const warning = 40;

/** Of a crash only its message is said; the stack is in the log file. */
const crashNoise = /^\s*$|^\s+at |^node:|^file:\/\/|^Node\.js v|^\s*\^|^\s+throw |^\s*[{}]\s*$|^\s{2}\w+: /;

/** @type {Record<string, number>} */
const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/**
 * A line worth a person's attention, or nothing. Lines that are not JSON (a crash's last words) are.
 * @param {string} line
 * @returns {Notable | undefined}
 */
export function notable(line) {
  // Nearly every line is below warning: told from its beginning, without parsing.
  const quick = /^\{"level":(?:(\d+)|"(\w+)")/.exec(line);
  if (quick && levelOf(quick[1] ? Number(quick[1]) : quick[2]) < warning) return undefined;
  const entry = parse(line);
  if (!entry && crashNoise.test(line)) return undefined;
  if (!entry) return { level: warning, text: line.trimEnd() };
  const level = levelOf(entry['level']);
  if (level < warning) return undefined;
  const error = entry['err'] ?? entry['error'];
  const cause = typeof error === 'object' && error && 'message' in error ? error.message : error;
  const words = entry['message'] ?? entry['msg'];
  const message = typeof words === 'string' ? words : '';
  const text = typeof cause === 'string' && !message.includes(cause) ? `${message}: ${cause}` : message;
  return { level, text: text.split('\n')[0] ?? '' };
}

/** @param {unknown} value a pino level or its label */
function levelOf(value) {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (levels[value] ?? warning) : warning;
}

/**
 * @param {string} line
 * @returns {Record<string, unknown> | undefined}
 */
function parse(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Says each line at most once in `quietMs`: an outage repeats itself many times a second.
 * @param {import('./console.js').Say} say
 * @param {{quietMs?: number, now?: () => number}} [options]
 * @returns {import('./console.js').Say}
 */
export function withoutRepeats(say, { quietMs = 10_000, now = () => performance.now() } = {}) {
  /** @type {Map<string, number>} */
  const said = new Map();
  return (line) => {
    const last = said.get(line);
    if (last !== undefined && now() - last < quietMs) return;
    if (said.size > 200) said.clear();
    said.set(line, now());
    say(line);
  };
}

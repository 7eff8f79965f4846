import type {
  AgentReasoning,
  JsonValue,
  LogLine,
  ReasoningEntry,
  ReasoningPattern,
} from '@millrace/contracts';

const MAX_ENTRIES = 200;
const MAX_TOTAL = 60_000;
const MAX_TEXT = 4_000;
/** Below what the log of a step takes in one line. */
const MAX_LINE = 7_500;

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

function shortenValue(value: JsonValue, length: number): JsonValue {
  const json = JSON.stringify(value);
  return json.length <= length ? value : shorten(json, length);
}

/** A line of JSON in which only texts are cut, so that it can be read by a program whatever it holds. */
function toLine(fields: Readonly<Record<string, JsonValue | undefined>>): string {
  for (let length = MAX_LINE; length > 16; length = Math.floor(length / 2)) {
    const short = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null
          ? shortenValue(value, length)
          : typeof value === 'string'
            ? shorten(value, length)
            : value,
      ]),
    );
    const line = JSON.stringify(short);
    if (line.length <= MAX_LINE) return line;
  }
  return JSON.stringify({ truncated: true });
}

/** Keeps what an agent did: entries for its output, bounded, and lines for the log of the step. */
export class Recorder {
  readonly #entries: ReasoningEntry[] = [];
  #size = 0;
  #dropped = 0;

  constructor(private readonly log: ((level: LogLine['level'], message: string) => void) | undefined) {}

  entry(entry: ReasoningEntry): void {
    const short: ReasoningEntry = {
      ...entry,
      ...(entry.text !== undefined && { text: shorten(entry.text, MAX_TEXT) }),
      ...(entry.input !== undefined && { input: shortenValue(entry.input, MAX_TEXT) }),
      ...(entry.output !== undefined && { output: shortenValue(entry.output, MAX_TEXT) }),
      ...(entry.error !== undefined && { error: shorten(entry.error, MAX_TEXT) }),
    };
    const size = JSON.stringify(short).length;
    if (this.#entries.length >= MAX_ENTRIES || this.#size + size > MAX_TOTAL) {
      this.#dropped += 1;
      return;
    }
    this.#entries.push(short);
    this.#size += size;
  }

  line(level: LogLine['level'], fields: Readonly<Record<string, JsonValue | undefined>>): void {
    this.log?.(level, toLine(fields));
  }

  reasoning(pattern: ReasoningPattern): AgentReasoning {
    return {
      pattern,
      entries: [...this.#entries],
      ...(this.#dropped > 0 && { dropped: this.#dropped }),
    };
  }
}

import type { Io } from './io.js';
import { styleFor, type Style } from './render/style.js';

/** Where answers and remarks go: scripts read stdout, people read both. */
export interface Output {
  readonly json: boolean;
  /** Style of stdout and of stderr: one may be a terminal when the other is a pipe. */
  readonly style: Style;
  readonly noteStyle: Style;
  /** A line of the answer. */
  line(text: string): void;
  lines(texts: readonly string[]): void;
  /** The answer of a `--json` command: indented on a terminal, one line in a pipe. */
  document(value: unknown): void;
  /** One line of NDJSON. */
  record(value: unknown): void;
  /** A remark to the person, on stderr. */
  note(text: string): void;
}

export function createOutput(io: Io, json: boolean): Output {
  const line = (text: string): void => void io.stdout.write(`${text}\n`);
  return {
    json,
    style: styleFor(io.stdout, io.env),
    noteStyle: styleFor(io.stderr, io.env),
    line,
    lines: (texts) => texts.forEach(line),
    document: (value) => line(JSON.stringify(value, null, io.stdout.isTTY === true ? 2 : undefined)),
    record: (value) => line(JSON.stringify(value)),
    note: (text) => void io.stderr.write(`${text}\n`),
  };
}

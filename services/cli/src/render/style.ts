import type { Io, Terminal } from '../io.js';

export type Paint = (text: string) => string;
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Colours only where a person looks, and not where NO_COLOR (https://no-color.org) asks for none. */
export function styleFor(stream: Terminal, env: Io['env']): Style {
  const enabled = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const code =
    (open: number, close: number): Paint =>
    (text) =>
      enabled ? `\u{1b}[${open}m${text}\u{1b}[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
  };
}

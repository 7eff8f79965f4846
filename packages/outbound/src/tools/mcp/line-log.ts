import { boundText } from '../bounded.js';

const MAX_LINE = 1_000;
const LINES_A_SECOND = 20;

export interface LineLog {
  push(chunk: Buffer): void;
  end(): void;
}

/** Turns what a program prints into log lines: long ones are cut, and of a flood only some lines are kept. */
export function createLineLog(write: (line: string) => void): LineLog {
  let rest = '';
  let written = 0;
  let dropped = 0;
  let second: NodeJS.Timeout | undefined;

  function endSecond(): void {
    clearTimeout(second);
    second = undefined;
    if (dropped > 0) write(`(${dropped} more lines)`);
    [written, dropped] = [0, 0];
  }

  function line(text: string): void {
    second ??= setTimeout(endSecond, 1_000).unref();
    if (written >= LINES_A_SECOND) {
      dropped += 1;
      return;
    }
    written += 1;
    write(boundText(text, MAX_LINE));
  }

  return {
    push(chunk) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) if (text !== '') line(text);
      if (rest.length > MAX_LINE) {
        line(rest);
        rest = '';
      }
    },
    end() {
      if (rest !== '') line(rest);
      rest = '';
      endSecond();
    },
  };
}

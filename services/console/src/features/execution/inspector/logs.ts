import type { LogLine } from '@millrace/contracts';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = LogLine['level'];

/** Lines of the record and lines that came live, each once, in order. */
export function mergeLines(stored: readonly LogLine[], live: readonly LogLine[]): readonly LogLine[] {
  if (live.length === 0) return stored;
  const lines = new Map<string, LogLine>();
  for (const line of [...live, ...stored]) lines.set(`${line.attempt}.${line.line}`, line);
  return [...lines.values()].sort((a, b) => a.attempt - b.attempt || a.line - b.line);
}

/** Whether lines are missing between others, or before the first: of each attempt they are counted from 1. */
export function hasHole(lines: readonly LogLine[]): boolean {
  return lines.some(({ attempt, line }, index) => {
    const before = lines[index - 1];
    return line !== (before?.attempt === attempt ? before.line + 1 : 1);
  });
}

/** Those of this level and above that contain the text, whatever its case. */
export function filterLines(lines: readonly LogLine[], least: Level, text: string): readonly LogLine[] {
  const wanted = text.trim().toLowerCase();
  const from = LEVELS.indexOf(least);
  if (from === 0 && wanted === '') return lines;
  return lines.filter(
    ({ level, message }) => LEVELS.indexOf(level) >= from && message.toLowerCase().includes(wanted),
  );
}

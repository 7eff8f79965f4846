import { jsonValue, type JsonValue } from '@millrace/contracts';

export type ReadJson =
  | { readonly ok: true; readonly value: JsonValue | undefined }
  | { readonly ok: false; readonly message: string; readonly position: number };

/** Reads JSON; empty text is nothing. What is wrong is said with its place, as far as the browser tells it. */
export function readJson(text: string): ReadJson {
  if (text.trim() === '') return { ok: true, value: undefined };
  try {
    return { ok: true, value: jsonValue.parse(JSON.parse(text)) };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const position = positionIn(words, text);
    const line = text.slice(0, position).split('\n').length;
    return { ok: false, message: `No valid JSON (line ${line}): ${bare(words)}`, position };
  }
}

/** Chromium says `at position 12`, Firefox `at line 2 column 5`. */
function positionIn(words: string, text: string): number {
  const position = /at position (\d+)/.exec(words)?.[1];
  if (position !== undefined) return Number(position);
  const place = /line (\d+) column (\d+)/.exec(words);
  if (!place) return text.length;
  const before = text.split('\n').slice(0, Number(place[1]) - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1;
}

function bare(words: string): string {
  return words
    .replace(/ in JSON at position.*$/s, '')
    .replace(/^JSON\.parse: /, '')
    .replace(/, "[\s\S]*$/, '');
}

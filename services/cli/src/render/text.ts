/** Control characters could move the cursor or rewrite the screen: names and messages come from others. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** Invisible: joiners, and the overrides that make text read backwards. */
const FORMAT = /\p{Cf}/gu;
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u{ff01}-\u{ff60}]/u;
const COMBINING = /\p{Mark}/u;

/** One line of harmless text. */
export function clean(text: string): string {
  return text
    .replace(/\r?\n|\t/g, ' ')
    .replace(FORMAT, '')
    .replace(CONTROL, '\u{fffd}');
}

function charWidth(char: string): number {
  if (COMBINING.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** Columns the text takes on a terminal. */
export function width(text: string): number {
  let columns = 0;
  for (const char of text) columns += charWidth(char);
  return columns;
}

/** The text, or as much of it as leaves room for an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (used > columns - 1) break;
    kept += char;
  }
  return columns > 0 ? `${kept}…` : '';
}

export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

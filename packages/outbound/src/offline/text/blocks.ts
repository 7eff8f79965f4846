/** One piece of structured text. `text` is an unchanged slice of the source, without its marker. */
export interface Block {
  readonly kind: 'heading' | 'bullet' | 'numbered' | 'paragraph';
  readonly text: string;
  /** 1 for `#`; indentation depth of a list item, from 0. */
  readonly level: number;
  /** The nearest heading above, or null. */
  readonly heading: string | null;
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const part of text.split('\n')) {
    const withoutReturn = part.endsWith('\r') ? part.slice(0, -1) : part;
    lines.push({ start, end: start + withoutReturn.length, text: withoutReturn });
    start += part.length + 1;
  }
  return lines;
}

const HEADING = /^\s{0,3}(#{1,6})\s+(\S.*?)\s*#*\s*$/;
const BULLET = /^(\s*)(?:[-*+•–]|\[[ xX]?\])\s+(?:\[[ xX]\]\s+)?(?=\S)/;
const NUMBERED = /^(\s*)(?:(?:step|phase)\s+)?(?:\d{1,3}|[a-zA-Z])[.):]\s+(?=\S)/i;
const LABEL = /^\s*([A-Z][\w /&-]{2,50}):\s*$/;
const FENCE = /^\s*(```|~~~)/;
const SKIPPED = /^\s*(\||[-=_*]{3,}\s*$|<!--|>\s*$)/;

function indentation(spaces: string): number {
  return Math.floor(spaces.replace(/\t/g, '  ').length / 2);
}

/**
 * Splits plain text or Markdown into headings, list items and paragraphs. A line `Something:` alone is a heading;
 * an indented line continues its list item. Code fences, tables and rules are left out.
 */
export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let heading: string | null = null;
  let fenced = false;
  let open: { kind: Block['kind']; level: number; start: number; end: number } | undefined;
  const close = (): void => {
    if (open)
      blocks.push({
        kind: open.kind,
        level: open.level,
        heading,
        text: text.slice(open.start, open.end).trim(),
      });
    open = undefined;
  };

  for (const line of linesOf(text)) {
    if (FENCE.test(line.text)) {
      close();
      fenced = !fenced;
      continue;
    }
    if (fenced) continue;
    if (line.text.trim() === '' || SKIPPED.test(line.text)) {
      close();
      continue;
    }
    const title = HEADING.exec(line.text) ?? LABEL.exec(line.text);
    if (title) {
      close();
      const marked = title.length > 2;
      heading = (marked ? title[2] : title[1])?.trim() ?? '';
      blocks.push({
        kind: 'heading',
        text: heading,
        level: marked ? (title[1] ?? '').length : 6,
        heading: null,
      });
      continue;
    }
    const bullet = BULLET.exec(line.text);
    const item = bullet ?? NUMBERED.exec(line.text);
    if (item) {
      close();
      const kind = bullet ? 'bullet' : 'numbered';
      open = { kind, level: indentation(item[1] ?? ''), start: line.start + item[0].length, end: line.end };
    } else if (open && (open.kind === 'paragraph' || /^\s/.test(line.text))) open.end = line.end;
    else {
      close();
      open = { kind: 'paragraph', level: 0, start: line.start, end: line.end };
    }
  }
  close();
  return blocks;
}

const ABBREVIATION =
  /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|no|fig|dr|mr|mrs|ms|st|inc|ltd|min|max)|\b[A-Z])$/i;

/** Longer ones are data, not prose, and would make the patterns that read them slow. */
const MAX_SENTENCE = 2_000;

/** The sentences of a block, each an unchanged slice of it. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of text.matchAll(/[.!?]+["')\]]*(?=\s|$)/g)) {
    const before = text.slice(start, match.index);
    const after = text.slice(match.index + match[0].length).trimStart();
    const goesOn = match[0].startsWith('.') && ABBREVIATION.test(before) && /^[a-z0-9(,]/.test(after);
    if (goesOn) continue;
    sentences.push(text.slice(start, match.index + match[0].length).trim());
    start = match.index + match[0].length;
  }
  const rest = text.slice(start).trim();
  if (rest !== '') sentences.push(rest);
  return sentences.filter((sentence) => sentence.length <= MAX_SENTENCE && /\p{L}/u.test(sentence));
}

/** One line, single spaces, no closing full stop: how a slice becomes a title. */
export function tidy(text: string): string {
  return text
    .replace(/[*_`]{1,3}(\S[^*_`]*?)[*_`]{1,3}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;:,!]+$/, '');
}

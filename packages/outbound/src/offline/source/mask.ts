import type { SourceLanguage } from './language.js';

export interface Literal {
  readonly start: number;
  readonly end: number;
  /** The text between the quotes, escapes as written. */
  readonly value: string;
}

/** A source whose characters keep their places: offsets and lines of every form agree with the original. */
export interface MaskedSource {
  readonly original: string;
  /** Comments and the insides of strings and regular expressions are spaces; quotes and line breaks stay. */
  readonly code: string;
  /** Comments alone are spaces. */
  readonly uncommented: string;
  readonly comments: readonly Literal[];
  readonly strings: readonly Literal[];
}

type Region = {
  readonly kind: 'comment' | 'string' | 'regex';
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly close: number;
};

const REGEX_AFTER =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do|yield|await))\s*$/;

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

function blockEnd(text: string, from: number, closing: string): number {
  const at = text.indexOf(closing, from);
  return at < 0 ? text.length : at + closing.length;
}

/** The end of a one-line literal: after its closing character, or at the line break where it never closes. */
function literalEnd(text: string, from: number, closing: string): number {
  let inClass = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '\n') return at;
    else if (closing === '/' && char === '[') inClass = true;
    else if (closing === '/' && char === ']') inClass = false;
    else if (char === closing && !inClass) return at + 1;
  }
  return text.length;
}

/** Regions of JavaScript and TypeScript. Template literals yield one string for each stretch between `${…}`. */
function scriptRegions(text: string): Region[] {
  const regions: Region[] = [];
  // Brace depth inside each open `${`; the template goes on where it returns to zero.
  const templates: number[] = [];
  let codeStart = 0;
  const template = (from: number, open: number): number => {
    for (let at = from; at < text.length; at += 1) {
      if (text[at] === '\\') at += 1;
      else if (text[at] === '`') {
        regions.push({ kind: 'string', start: from - open, end: at + 1, open, close: 1 });
        return at + 1;
      } else if (text[at] === '$' && text[at + 1] === '{') {
        regions.push({ kind: 'string', start: from - open, end: at, open, close: 0 });
        templates.push(0);
        return at + 2;
      }
    }
    regions.push({ kind: 'string', start: from - open, end: text.length, open, close: 0 });
    return text.length;
  };
  for (let at = 0; at < text.length;) {
    const char = text[at];
    const pair = text.slice(at, at + 2);
    const depth = templates.at(-1);
    if (pair === '//' || (at === 0 && pair === '#!')) {
      const end = lineEnd(text, at);
      regions.push({ kind: 'comment', start: at, end, open: 2, close: 0 });
      at = end;
    } else if (pair === '/*') {
      const end = blockEnd(text, at + 2, '*/');
      regions.push({ kind: 'comment', start: at, end, open: 2, close: 2 });
      at = end;
    } else if (char === '"' || char === "'") {
      const end = literalEnd(text, at + 1, char);
      regions.push({ kind: 'string', start: at, end, open: 1, close: text[end - 1] === char ? 1 : 0 });
      at = codeStart = end;
    } else if (char === '`') at = codeStart = template(at + 1, 1);
    else if (char === '/' && REGEX_AFTER.test(text.slice(Math.max(codeStart, at - 40), at))) {
      const end = literalEnd(text, at + 1, '/');
      const closed = text[end - 1] === '/';
      if (closed) regions.push({ kind: 'regex', start: at, end, open: 1, close: 1 });
      at = codeStart = closed ? end : at + 1;
    } else if (depth !== undefined && char === '{') {
      templates[templates.length - 1] = depth + 1;
      at += 1;
    } else if (depth !== undefined && char === '}') {
      if (depth === 0) {
        templates.pop();
        at = codeStart = template(at + 1, 0);
      } else {
        templates[templates.length - 1] = depth - 1;
        at += 1;
      }
    } else at += 1;
  }
  return regions;
}

function pythonRegions(text: string): Region[] {
  const regions: Region[] = [];
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? '';
    const triple = text.slice(at, at + 3);
    if (char === '#') {
      const end = lineEnd(text, at);
      regions.push({ kind: 'comment', start: at, end, open: 1, close: 0 });
      at = end;
    } else if (triple === '"""' || triple === "'''") {
      let end = blockEnd(text, at + 3, triple);
      while (text[end - 4] === '\\' && end < text.length) end = blockEnd(text, end, triple);
      // A string that is a statement of its own documents what it stands in.
      const documents =
        /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 200), at)) &&
        /^\s*(?:\n|$)/.test(text.slice(end, end + 200));
      regions.push({ kind: documents ? 'comment' : 'string', start: at, end, open: 3, close: 3 });
      at = end;
    } else if (char === '"' || char === "'") {
      const end = literalEnd(text, at + 1, char);
      regions.push({ kind: 'string', start: at, end, open: 1, close: text[end - 1] === char ? 1 : 0 });
      at = end;
    } else at += 1;
  }
  return regions;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

function masked(
  text: string,
  regions: readonly Region[],
  hides: (region: Region) => boolean,
  keepQuotes: boolean,
): string {
  const parts: string[] = [];
  let at = 0;
  for (const region of regions) {
    if (!hides(region)) continue;
    const quotes = keepQuotes && region.kind !== 'comment';
    const start = region.start + (quotes ? region.open : 0);
    const end = Math.max(start, region.end - (quotes ? region.close : 0));
    parts.push(text.slice(at, start), blank(text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** Masks a source; a language that is not known is left as it is, with no comments and no strings. */
export function maskSource(text: string, language: SourceLanguage): MaskedSource {
  const regions =
    language === 'other' ? [] : language === 'python' ? pythonRegions(text) : scriptRegions(text);
  const literals = (kind: Region['kind']): Literal[] =>
    regions
      .filter((region) => region.kind === kind)
      .map(({ start, end, open, close }) => ({
        start,
        end,
        value: text.slice(start + open, Math.max(start + open, end - close)),
      }));
  return {
    original: text,
    code: masked(text, regions, () => true, true),
    uncommented: masked(text, regions, ({ kind }) => kind === 'comment', false),
    comments: literals('comment'),
    strings: literals('string'),
  };
}

/** Line numbers, from 1, of offsets; built once for a text. */
export function lineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

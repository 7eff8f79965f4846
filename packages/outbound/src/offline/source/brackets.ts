const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The pairs of the source read last; a file asks for thousands of them, and a scan for each would be quadratic. */
let known: { readonly code: string; readonly closing: Int32Array } = { code: '', closing: new Int32Array(0) };

/** For each opening bracket the offset of its closing one, or -1; one pass. A wrong closing one closes nothing. */
function pairsOf(code: string): Int32Array {
  if (known.code === code) return known.closing;
  const closing = new Int32Array(code.length).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const char = code[at] ?? '';
    if (char === '(' || char === '[' || char === '{') open.push(at);
    else if (char === ')' || char === ']' || char === '}') {
      const last = open.at(-1);
      if (last === undefined || CLOSING[code[last] ?? ''] !== char) continue;
      closing[last] = at;
      open.pop();
    }
  }
  known = { code, closing };
  return closing;
}

const MAX_TYPE_ARGUMENTS = 2_000;

/** Type arguments end before a `;`, else `a < b` is a comparison; `=>` closes nothing. */
function closingAngle(code: string, open: number): number {
  const pairs = pairsOf(code);
  let depth = 0;
  for (let at = open; at < Math.min(code.length, open + MAX_TYPE_ARGUMENTS); at += 1) {
    const char = code[at] ?? '';
    if (char === '<') depth += 1;
    else if (char === '>' && code[at - 1] !== '=') {
      depth -= 1;
      if (depth === 0) return at;
    } else if (char === '(' || char === '[' || char === '{') {
      const close = pairs[at] ?? -1;
      if (close < 0) return -1;
      at = close;
    } else if (char === ')' || char === ']' || char === '}' || char === ';') return -1;
  }
  return -1;
}

/** The offset of the bracket that closes the one at `open` in masked code; -1 when it never closes. */
export function closingBracket(code: string, open: number): number {
  return code[open] === '<' ? closingAngle(code, open) : (pairsOf(code)[open] ?? -1);
}

/** Splits at the top-level commas of `code` from `start` to `end`; gives offsets, so that any form can be sliced. */
export function splitTopLevel(code: string, start: number, end: number): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < end; at += 1) {
    const char = code[at] ?? '';
    if ('([{'.includes(char) || (char === '<' && /[\w$>\]]/.test(code[at - 1] ?? ''))) depth += 1;
    else if (')]}'.includes(char) || (char === '>' && code[at - 1] !== '=' && depth > 0)) depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push({ start: from, end: at });
      from = at + 1;
    }
  }
  parts.push({ start: from, end });
  return parts.filter((part) => code.slice(part.start, part.end).trim() !== '');
}

/** Depth of curly brackets before each offset. */
export function braceDepths(code: string): Int32Array {
  const depths = new Int32Array(code.length + 1);
  let depth = 0;
  for (let at = 0; at < code.length; at += 1) {
    depths[at] = depth;
    if (code[at] === '{') depth += 1;
    else if (code[at] === '}') depth = Math.max(0, depth - 1);
  }
  depths[code.length] = depth;
  return depths;
}

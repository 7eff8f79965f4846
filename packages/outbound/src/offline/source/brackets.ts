const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/**
 * The offset of the bracket that closes the one at `open` in masked code; -1 when it never closes. Angle brackets
 * count only when the opening one is angular, and `=>` never closes one.
 */
export function closingBracket(code: string, open: number): number {
  const angular = code[open] === '<';
  const stack: string[] = [];
  for (let at = open; at < code.length; at += 1) {
    const char = code[at] ?? '';
    if (char === '<' && !angular) continue;
    if (char === '>' && (!angular || code[at - 1] === '=')) continue;
    const closes = CLOSING[char];
    if (closes !== undefined) stack.push(closes);
    else if (char === stack.at(-1)) {
      stack.pop();
      if (stack.length === 0) return at;
    } else if (char === ')' || char === ']' || char === '}') return -1;
    // `a < b;` is a comparison, not a type argument.
    else if (char === ';' && angular && stack.length === 1) return -1;
  }
  return -1;
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

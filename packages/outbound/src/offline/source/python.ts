import { closingBracket, splitTopLevel } from './brackets.js';
import { lineIndex, type MaskedSource } from './mask.js';
import {
  countDecisions,
  type ClassInfo,
  type Parameter,
  type ParsedSource,
  type Signature,
} from './signature.js';

function parameterOf(text: string): Parameter | undefined {
  const match = /^\s*(\*{0,2})([A-Za-z_]\w*)\s*(?::([\s\S]*?))?(?:=([\s\S]*))?$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  const rest = match[1] !== '';
  const type = match[3]?.trim();
  return {
    name: match[2],
    type: type === undefined || type === '' ? null : type,
    optional: rest || match[4] !== undefined || /^Optional\[|\|\s*None\b/.test(type ?? ''),
    defaultValue: match[4]?.trim() ?? null,
    rest,
  };
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].replace(/\t/g, '    ').length ?? 0;
}

/** The offset where the block ends that begins at `from` and is indented deeper than `indent`. */
function blockEnd(code: string, from: number, indent: number): number {
  let at = code.indexOf('\n', from);
  while (at >= 0) {
    const end = code.indexOf('\n', at + 1);
    const line = code.slice(at + 1, end < 0 ? undefined : end);
    if (line.trim() !== '' && indentOf(line) <= indent && !/^\s*[)\]}]/.test(line)) return at;
    at = end;
  }
  return code.length;
}

interface OpenClass {
  readonly name: string;
  readonly indent: number;
  readonly end: number;
}

/** Functions, classes and methods of Python. Names with a leading underscore are not visible; nested ones not top-level. */
export function parsePython(source: MaskedSource): ParsedSource {
  const { code } = source;
  const lineOf = lineIndex(code);
  const functions: Signature[] = [];
  const classes = new Map<string, ClassInfo>();
  let current: OpenClass | undefined;

  for (const match of code.matchAll(
    /^([ \t]*)(?:class[ \t]+(\w+)|(async[ \t]+)?def[ \t]+(\w+))[ \t]*(?=[(:[])/gm,
  )) {
    const indent = indentOf(match[1] ?? '');
    const at = match.index + (match[1] ?? '').length;
    if (current && match.index >= current.end) current = undefined;
    const className = match[2];
    if (className !== undefined) {
      if (indent > 0) continue;
      current = { name: className, indent, end: blockEnd(code, match.index, indent) };
      classes.set(className, {
        name: className,
        exported: !className.startsWith('_'),
        defaultExport: false,
        constructorParameters: [],
      });
      continue;
    }
    const name = match[4] ?? '';
    const open = code.indexOf('(', match.index + match[0].length);
    const close = open < 0 ? -1 : closingBracket(code, open);
    if (close < 0) continue;
    const tail = /^\s*(?:->\s*([^:\n]+(?:\[[^\]]*\])?))?\s*:/.exec(code.slice(close + 1, close + 400));
    const returns =
      tail?.[1] === undefined
        ? null
        : source.uncommented.slice(close + 1, close + 1 + tail[0].length).replace(/^\s*->\s*|\s*:\s*$/g, '');
    const parameters = splitTopLevel(code, open + 1, close)
      .map(({ start, end }) => parameterOf(source.uncommented.slice(start, end)))
      .filter((parameter) => parameter !== undefined);
    const owner = current && indent > current.indent ? current.name : null;
    const isStatic = /@staticmethod\s*$/.test(code.slice(Math.max(0, match.index - 60), match.index));
    const [first] = parameters;
    const bound = owner !== null && !isStatic && (first?.name === 'self' || first?.name === 'cls');
    const visible = bound ? parameters.slice(1) : parameters;
    const known = owner === null ? undefined : classes.get(owner);
    if (known && name === '__init__') classes.set(known.name, { ...known, constructorParameters: visible });
    const end = blockEnd(code, close, indent);
    const bodyStart = close + 1 + (tail?.[0].length ?? 0);
    const body = code.slice(bodyStart, end);
    functions.push({
      name,
      owner,
      line: lineOf(at),
      parameters: visible,
      returns,
      async: match[3] !== undefined,
      isStatic: isStatic || first?.name === 'cls',
      exported: !name.startsWith('_') && (known?.exported ?? true),
      defaultExport: false,
      topLevel: indent === 0 || (owner !== null && indent <= 4 + (current?.indent ?? 0)),
      throws: /\braise\b/.test(body),
      branches: countDecisions(body, true),
      body: { start: bodyStart, end },
      lines: lineOf(Math.max(at, end - 1)) - lineOf(at) + 1,
    });
  }
  return { functions, classes: [...classes.values()] };
}

import { braceDepths, closingBracket, splitTopLevel } from './brackets.js';
import { lineIndex, type MaskedSource } from './mask.js';
import {
  countDecisions,
  type ClassInfo,
  type Parameter,
  type ParsedSource,
  type Signature,
} from './signature.js';

const NOT_NAMES = new Set(
  'if for while switch catch return function constructor super new typeof await with do else'.split(' '),
);

function parameterOf(text: string, position: number): Parameter {
  const bare = text
    .replace(/^\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|readonly|override)\s+)*/, '')
    .trim();
  const rest = bare.startsWith('...');
  const match = /^(?:\.\.\.)?([\w$]+)\s*(\?)?\s*(?::([\s\S]*?))?(?:=(?!>)([\s\S]*))?$/.exec(bare);
  if (match?.[1] === undefined) {
    const annotation = /[}\]]\s*:\s*([^=]+)/.exec(bare)?.[1]?.trim() ?? null;
    const hasDefault = /[}\]][^=]*=(?!>)/.test(bare);
    return {
      name: `options${position === 0 ? '' : String(position + 1)}`,
      type: annotation,
      optional: hasDefault,
      defaultValue: null,
      rest,
    };
  }
  const defaultValue = match[4]?.trim() ?? null;
  const type = match[3]?.trim() ?? null;
  return {
    name: match[1],
    type: type === '' ? null : type,
    optional: match[2] !== undefined || defaultValue !== null || rest,
    defaultValue,
    rest,
  };
}

/** `a: () => void = f` confuses a pattern, so the arrow is hidden while the parts are told apart. */
function parametersOf(source: MaskedSource, open: number, close: number): Parameter[] {
  return splitTopLevel(source.code, open + 1, close)
    .map(({ start, end }) => source.uncommented.slice(start, end))
    .map((text) => text.replaceAll('=>', '\u0001'))
    .map((text, index) => parameterOf(text, index))
    .map((parameter) => ({
      ...parameter,
      type: parameter.type?.replaceAll('\u0001', '=>') ?? null,
      defaultValue: parameter.defaultValue?.replaceAll('\u0001', '=>') ?? null,
    }))
    .filter(({ name }) => name !== 'this');
}

interface Head {
  readonly parameters: Parameter[];
  readonly returns: string | null;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

/** Skips white space and type parameters; the offset of what follows. */
function afterTypeParameters(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? '')) at += 1;
  if (code[at] === '<') at = closingBracket(code, at) + 1;
  while (/\s/.test(code[at] ?? '')) at += 1;
  return at;
}

/** Where a type annotation that starts at `from` ends: at the body's brace or the arrow. */
function annotationEnd(code: string, from: number, arrow: boolean): number {
  for (let at = from; at < Math.min(code.length, from + MAX_HEAD); at += 1) {
    const char = code[at] ?? '';
    const before = code.slice(from, at).trimEnd();
    if (char === '{' || char === '(' || char === '[' || char === '<') {
      if (char === '{' && !arrow && before !== '' && !/[|&<,(:]$|=>$/.test(before)) return at;
      const close = closingBracket(code, at);
      if (close < 0) return -1;
      at = close;
    } else if (arrow && char === '=' && code[at + 1] === '>') return at;
    else if (char === ';' || (char === '=' && code[at + 1] !== '>')) return -1;
  }
  return -1;
}

/** Reads from a parameter list's `(`; undefined when no body follows (an overload, a type, a call). */
function readHead(source: MaskedSource, open: number, arrow: boolean): Head | undefined {
  const { code } = source;
  const close = closingBracket(code, open);
  if (close < 0) return undefined;
  let at = close + 1;
  while (/\s/.test(code[at] ?? '')) at += 1;
  let returns: string | null = null;
  if (code[at] === ':') {
    const end = annotationEnd(code, at + 1, arrow);
    if (end < 0) return undefined;
    returns = source.uncommented
      .slice(at + 1, end)
      .replace(/\s+/g, ' ')
      .trim();
    at = end;
  }
  if (arrow) {
    if (code.slice(at, at + 2) !== '=>') return undefined;
    at += 2;
    while (/\s/.test(code[at] ?? '')) at += 1;
  }
  const parameters = parametersOf(source, open, close);
  if (code[at] === '{') {
    const bodyEnd = closingBracket(code, at);
    return { parameters, returns, bodyStart: at, bodyEnd: bodyEnd < 0 ? code.length : bodyEnd + 1 };
  }
  if (!arrow) return undefined;
  const end = /;|\n(?=\S)|$/.exec(code.slice(at));
  return { parameters, returns, bodyStart: at, bodyEnd: at + (end?.index ?? 0) };
}

interface Traits {
  readonly name: string;
  readonly owner: string | null;
  readonly at: number;
  readonly async: boolean;
  readonly isStatic: boolean;
  readonly exported: boolean;
  readonly defaultExport: boolean;
  readonly topLevel: boolean;
}

/** Exports that stand apart from the declaration: `export { a, b as c }`, `exports.a =`, `module.exports = { a }`. */
function separateExports(code: string): Set<string> {
  const names = new Set<string>();
  for (const match of code.matchAll(/(?:export|module\.exports\s*=)\s*\{([^}]*)\}/g)) {
    for (const part of (match[1] ?? '').split(',')) names.add(part.trim().split(/\s+as\s+|\s*:\s*/)[0] ?? '');
  }
  for (const match of code.matchAll(/\bexport\s+default\s+(\w+)\s*;?\s*$/gm)) names.add(match[1] ?? '');
  for (const match of code.matchAll(/\bmodule\.exports\s*=\s*(\w+)\s*;/g)) names.add(match[1] ?? '');
  return names;
}

const FUNCTION = /(\bexport\s+)?(\bdefault\s+)?(\basync\s+)?\bfunction\b\s*\*?\s*([\w$]+)?/g;
const VALUE =
  /(\bexport\s+)?\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=;]+(?:=>[^=;]+)*)?=\s*(async\b\s*)?(?:(function\b)\s*\*?\s*[\w$]*|(?=[<(])|([\w$]+)\s*=>)/g;
const ASSIGNED =
  /\b(?:module\.)?exports\.([\w$]+)\s*=\s*(async\b\s*)?(?:(function\b)\s*\*?\s*[\w$]*|(?=\()|([\w$]+)\s*=>)/g;
const CLASS = /(\bexport\s+)?(\bdefault\s+)?(?:\babstract\s+)?\bclass\s+([\w$]+)/g;
const METHOD =
  /(?<=[{};\n]\s*|\*\/\s*)((?:(?:public|private|protected|static|async|override|get|set)\s+)*)(\*\s*)?(#?[\w$]+)\s*(?=[<(])/g;

/** Longest head of a class or a return type, in characters. */
const MAX_HEAD = 2_000;

/** The brace that opens a class, past type arguments that may hold braces themselves; -1 when there is none. */
function classBody(code: string, from: number): number {
  for (let at = from; at < Math.min(code.length, from + MAX_HEAD); at += 1) {
    const char = code[at];
    if (char === '{') return at;
    if (char === ';') return -1;
    if (char === '<') {
      const close = closingBracket(code, at);
      if (close < 0) return -1;
      at = close;
    }
  }
  return -1;
}

/** Functions, arrow functions bound to a name, classes and their methods, of JavaScript or TypeScript. */
export function parseScript(source: MaskedSource): ParsedSource {
  const { code } = source;
  const depths = braceDepths(code);
  const lineOf = lineIndex(code);
  const apart = separateExports(code);
  const functions: Signature[] = [];
  const classes: ClassInfo[] = [];

  const add = (traits: Traits, head: Head): void => {
    const body = code.slice(head.bodyStart, head.bodyEnd);
    functions.push({
      name: traits.name,
      owner: traits.owner,
      line: lineOf(traits.at),
      parameters: head.parameters,
      returns: head.returns,
      async: traits.async || /^Promise\s*</.test(head.returns ?? ''),
      isStatic: traits.isStatic,
      exported: traits.exported,
      defaultExport: traits.defaultExport,
      topLevel: traits.topLevel,
      throws: /\bthrow\b/.test(body),
      branches: countDecisions(body, false),
      body: { start: head.bodyStart, end: head.bodyEnd },
      lines: lineOf(Math.max(head.bodyStart, head.bodyEnd - 1)) - lineOf(traits.at) + 1,
    });
  };

  for (const match of code.matchAll(FUNCTION)) {
    const open = afterTypeParameters(code, match.index + match[0].length);
    const head = code[open] === '(' ? readHead(source, open, false) : undefined;
    // A function expression bound to a name is found below under that name.
    const bound = /[=]\s*(?:async\s+)?$/.test(code.slice(Math.max(0, match.index - 20), match.index));
    if (!head || bound) continue;
    const name = match[4] ?? (match[2] === undefined ? 'anonymous' : 'default');
    add(
      {
        name,
        owner: null,
        at: match.index,
        async: match[3] !== undefined,
        isStatic: false,
        exported: match[1] !== undefined || apart.has(name),
        defaultExport: match[2] !== undefined,
        topLevel: depths[match.index] === 0 && match[4] !== undefined,
      },
      head,
    );
  }

  const addValue = (
    match: RegExpExecArray,
    name: string,
    keywords: { exported: boolean; async: boolean; isFunction: boolean; single: string | undefined },
  ): void => {
    const end = match.index + match[0].length;
    const traits: Traits = {
      name,
      owner: null,
      at: match.index,
      async: keywords.async,
      isStatic: false,
      exported: keywords.exported || apart.has(name),
      defaultExport: false,
      topLevel: depths[match.index] === 0,
    };
    if (keywords.single === undefined) {
      const open = afterTypeParameters(code, end);
      const head = code[open] === '(' ? readHead(source, open, !keywords.isFunction) : undefined;
      if (head) add(traits, head);
      return;
    }
    const rest = /^\s*\{/.exec(code.slice(end));
    const bodyStart = end + (rest ? rest[0].length - 1 : 0);
    const close = rest
      ? closingBracket(code, bodyStart)
      : end + (/;|\n(?=\S)|$/.exec(code.slice(end))?.index ?? 0) - 1;
    const parameter: Parameter = {
      name: keywords.single,
      type: null,
      optional: false,
      defaultValue: null,
      rest: false,
    };
    add(traits, {
      parameters: [parameter],
      returns: null,
      bodyStart,
      bodyEnd: close < 0 ? code.length : close + 1,
    });
  };
  for (const match of code.matchAll(VALUE)) {
    addValue(match, match[2] ?? '', {
      exported: match[1] !== undefined,
      async: match[3] !== undefined,
      isFunction: match[4] !== undefined,
      single: match[5],
    });
  }
  for (const match of code.matchAll(ASSIGNED)) {
    addValue(match, match[1] ?? '', {
      exported: true,
      async: match[2] !== undefined,
      isFunction: match[3] !== undefined,
      single: match[4],
    });
  }

  for (const match of code.matchAll(CLASS)) {
    const name = match[3] ?? '';
    const open = classBody(code, match.index + match[0].length);
    if (open < 0) continue;
    const close = closingBracket(code, open);
    const end = close < 0 ? code.length : close;
    const inside = (depths[open] ?? 0) + 1;
    const exported = match[1] !== undefined || apart.has(name);
    let constructorParameters: Parameter[] = [];
    for (const member of code.slice(open, end).matchAll(METHOD)) {
      const at = open + member.index;
      const method = member[3] ?? '';
      if (depths[at] !== inside) continue;
      const list = afterTypeParameters(code, at + member[0].length);
      const head = code[list] === '(' ? readHead(source, list, false) : undefined;
      if (!head) continue;
      if (method === 'constructor') constructorParameters = head.parameters;
      if (NOT_NAMES.has(method)) continue;
      const words = member[1] ?? '';
      const accessor = /\b[gs]et\b/.test(words);
      const hidden =
        /\b(?:private|protected)\b/.test(words) || method.startsWith('#') || method.startsWith('_');
      add(
        {
          name: method,
          owner: name,
          at,
          async: /\basync\b/.test(words),
          isStatic: /\bstatic\b/.test(words),
          exported: exported && !hidden && !accessor,
          defaultExport: match[2] !== undefined,
          topLevel: inside === 1,
        },
        head,
      );
    }
    classes.push({ name, exported, defaultExport: match[2] !== undefined, constructorParameters });
  }
  return { functions: functions.sort((a, b) => a.body.start - b.body.start), classes };
}

import { ANY, KNOWN, type Hit, type ReviewedFile, type Rule } from './rule.js';

const longLine: Rule = {
  id: 'long-line',
  severity: 'info',
  languages: ANY,
  check: ({ source }, { maxLineLength }) => {
    let offset = 0;
    return source.original.split('\n').flatMap((line) => {
      const hit: Hit = {
        offset,
        message: `The line has ${String(line.length)} characters; ${String(maxLineLength)} are the limit`,
      };
      offset += line.length + 1;
      return line.length > maxLineLength ? [hit] : [];
    });
  },
};

const longFunction: Rule = {
  id: 'long-function',
  severity: 'warning',
  languages: KNOWN,
  check: ({ parsed, source }, { maxFunctionLines }) => {
    const lines = source.original.split('\n');
    const starts: number[] = [0];
    for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
    return parsed.functions
      .filter((one) => one.lines > maxFunctionLines)
      .map((one) => ({
        offset: starts[one.line - 1] ?? 0,
        message: `${one.name} has ${String(one.lines)} lines; ${String(maxFunctionLines)} are the limit`,
      }));
  },
};

const tooManyParameters: Rule = {
  id: 'many-parameters',
  severity: 'info',
  languages: KNOWN,
  check: ({ parsed }) =>
    parsed.functions
      .filter(({ parameters }) => parameters.length > 5)
      .map(({ name, parameters, body }) => ({
        offset: body.start,
        message: `${name} takes ${String(parameters.length)} parameters; an object would name them`,
      })),
};

/** Depth of blocks inside functions: curly brackets, or indentation in Python. Object literals count like blocks. */
export function nestingOf(file: ReviewedFile): { depth: number; offset: number }[] {
  return file.parsed.functions.map(({ body }) => {
    const code = file.source.code.slice(body.start, body.end);
    let deepest = { depth: 0, offset: body.start };
    if (file.language === 'python') {
      const lines = code.split('\n');
      const [first = ''] = lines.filter((line) => line.trim() !== '' && /^\s/.test(line));
      const base = first.length - first.trimStart().length;
      let at = body.start;
      for (const line of lines) {
        const depth =
          line.trim() === '' ? 0 : Math.floor((line.length - line.trimStart().length - base) / 4) + 1;
        if (depth > deepest.depth) deepest = { depth, offset: at };
        at += line.length + 1;
      }
      return deepest;
    }
    let depth = 0;
    for (let at = 0; at < code.length; at += 1) {
      if (code[at] === '{') depth += 1;
      else if (code[at] === '}') depth -= 1;
      if (depth > deepest.depth) deepest = { depth, offset: body.start + at };
    }
    return deepest;
  });
}

const deepNesting: Rule = {
  id: 'deep-nesting',
  severity: 'warning',
  languages: KNOWN,
  check: (file, { maxNesting }) => {
    const seen = new Set<number>();
    return nestingOf(file)
      .filter(
        ({ depth, offset }) =>
          depth > maxNesting && !seen.has(file.lineOf(offset)) && seen.add(file.lineOf(offset)),
      )
      .map(({ depth, offset }) => ({
        offset,
        message: `Nested ${String(depth)} levels deep; return early or take a part out`,
      }));
  },
};

const QUERY =
  /^\s*(?:select\b[\s\S]*\bfrom\b|insert\s+into\b|update\b[\s\S]*\bset\b|delete\s+from\b|drop\s+table\b)/i;

/** A query text that code adds values to: `"SELECT …" + id`, `` `SELECT … ${id}` ``, `f"SELECT … {id}"`, `"…%s" % id`. */
const sqlConcatenation: Rule = {
  id: 'sql-injection',
  severity: 'error',
  languages: KNOWN,
  check: ({ source, language }) =>
    source.strings.flatMap(({ start, end, value }) => {
      if (!QUERY.test(value)) return [];
      const after = source.code.slice(end, end + 40);
      const before = source.code.slice(Math.max(0, start - 4), start);
      const template =
        language !== 'python' &&
        source.original[start] === '`' &&
        source.original.slice(end, end + 2) === '${';
      const formatted =
        language === 'python' &&
        ((/[fF][rR]?$/.test(before) && /\{[^}]+\}/.test(value)) ||
          /^\s*(?:%\s*[\w(]|\.format\s*\()/.test(after));
      const added = /^\s*\+\s*[\w$(]/.test(after);
      return template || formatted || added
        ? [{ offset: start, message: 'Values become part of the query text; pass them as parameters' }]
        : [];
    }),
};

function importedNames(file: ReviewedFile): { name: string; offset: number }[] {
  const { code } = file.source;
  if (file.language === 'python') {
    return [...code.matchAll(/^(?:from\s+\S+\s+)?import\s+\(?([^\n()#*]+)/gm)].flatMap((match) => {
      const isFrom = match[0].startsWith('from');
      return (match[1] ?? '').split(',').map((part) => {
        const alias = /\bas\s+(\w+)/.exec(part)?.[1];
        const name = part.trim().split(/\s/)[0] ?? '';
        return { name: alias ?? (isFrom ? name : (name.split('.')[0] ?? '')), offset: match.index };
      });
    });
  }
  return [...code.matchAll(/\bimport\s+(?:type\s+)?([\w$*{}\s,]+?)\s+from\s*['"]/g)].flatMap((match) =>
    (match[1] ?? '')
      .replace(/[{}]/g, ',')
      .split(',')
      .map(
        (part) =>
          part
            .trim()
            .replace(/^type\s+/, '')
            .split(/\s+as\s+/)
            .at(-1) ?? '',
      )
      .filter((name) => /^[\w$]+$/.test(name))
      .map((name) => ({ name, offset: match.index })),
  );
}

const unusedImport: Rule = {
  id: 'unused-import',
  severity: 'warning',
  languages: KNOWN,
  check: (file) => {
    if (file.path.endsWith('__init__.py')) return [];
    const counts = new Map<string, number>();
    for (const [word] of file.source.code.matchAll(/[\w$]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
    // Python names its exports in strings.
    const listed =
      file.language === 'python'
        ? (/__all__\s*=\s*[[(]([^\])]*)/.exec(file.source.uncommented)?.[1] ?? '')
        : '';
    return importedNames(file)
      .filter(
        ({ name }) =>
          name !== '' &&
          counts.get(name) === 1 &&
          !new RegExp(`['"]${name.replace(/\$/g, '\\$')}['"]`).test(listed),
      )
      .filter(({ name }) => !(name === 'React' && /x$/.test(file.path)))
      .map(({ name, offset }) => ({ offset, message: `${name} is imported and never used` }));
  },
};

/** Calls, as statements of their own, of functions that the same file declares async. */
const missingAwait: Rule = {
  id: 'missing-await',
  severity: 'warning',
  languages: KNOWN,
  check: ({ parsed, source, language }) => {
    const isAsync = new Set(
      parsed.functions.filter((one) => one.async && one.name.length > 1).map(({ name }) => name),
    );
    const isSync = new Set(parsed.functions.filter((one) => !one.async).map(({ name }) => name));
    const pattern =
      language === 'python'
        ? /^[ \t]*(?:self\.)?(\w+)\s*\(/gm
        : /(?<=[;{}]\s*|\n\s*)(?:this\.)?([\w$]+)\s*\((?=[^\n]*\)\s*;?\s*(?:\n|$))/g;
    return [...source.code.matchAll(pattern)]
      .filter((match) => isAsync.has(match[1] ?? '') && !isSync.has(match[1] ?? ''))
      .filter(
        (match) =>
          !/\b(?:async|static|public|private|protected)\s*$|[=,(&|?:]\s*$/.test(
            source.code.slice(Math.max(0, match.index - 30), match.index),
          ),
      )
      .filter(
        (match) =>
          !/\)\s*(?::[^\n;]*)?\{\s*$/.test(
            source.code.slice(match.index, source.code.indexOf('\n', match.index + match[0].length)),
          ),
      )
      .map((match) => ({
        offset: match.index + (match[0].length - match[0].trimStart().length),
        message: `${match[1] ?? ''} is async; its failure is lost without await`,
      }));
  },
};

/** Rules about the shape of a file, its functions and its names. */
export const STRUCTURE_RULES: readonly Rule[] = [
  longLine,
  longFunction,
  tooManyParameters,
  deepNesting,
  sqlConcatenation,
  unusedImport,
  missingAwait,
];

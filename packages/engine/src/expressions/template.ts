import type { JsonValue } from '@millrace/contracts';
import { failed, messageOf, type Evaluated } from './evaluated.js';
import { compileJsonata, type CompiledJsonata } from './jsonata.js';

/** An expression of a template that does not parse, with the way to the string that holds it. */
export interface TemplateProblem {
  readonly loc: readonly (string | number)[];
  readonly message: string;
}

export interface TemplateExpression {
  readonly text: string;
  readonly loc: readonly (string | number)[];
  readonly stepReferences: readonly string[];
  readonly reachesAllSteps: boolean;
  readonly secretNames: readonly string[];
}

/**
 * JSON whose strings may be expressions: `=…` is JSONata and keeps its type, `{{ … }}` inside a string interpolates
 * JSONata as text. Everything else is literal.
 */
export interface CompiledTemplate {
  /** No expression at all: the value is the JSON itself. */
  readonly isStatic: boolean;
  /** True: collect the results of `threadExpressions` first and call `assemble`. */
  readonly needsThread: boolean;
  readonly expressions: readonly TemplateExpression[];
  /** The texts that must be evaluated with `evaluateJsonata`, in the order in which `assemble` takes their results. */
  readonly threadExpressions: readonly string[];
  readonly problems: readonly TemplateProblem[];
  evaluateSync(scope: object): Evaluated;
  assemble(scope: object, results: readonly JsonValue[]): Evaluated;
}

/** Where a value comes from: itself, an expression, pieces of text, or members. */
type Part =
  | { readonly type: 'literal'; readonly value: JsonValue }
  | { readonly type: 'expression'; readonly expression: CompiledJsonata; readonly thread: number }
  | { readonly type: 'text'; readonly pieces: readonly Part[] }
  | { readonly type: 'list'; readonly items: readonly Part[] }
  | { readonly type: 'object'; readonly members: readonly (readonly [string, Part])[] };

const MAX_DEPTH = 100;

class Builder {
  constructor(private readonly isLiteral: (loc: readonly (string | number)[]) => boolean) {}

  readonly expressions: TemplateExpression[] = [];
  readonly threadExpressions: string[] = [];
  readonly problems: TemplateProblem[] = [];

  build(value: JsonValue, loc: readonly (string | number)[]): Part {
    if (typeof value === 'number' || typeof value === 'boolean' || value === null || this.isLiteral(loc)) {
      return { type: 'literal', value };
    }
    if (typeof value === 'string') return this.string(value, loc);
    if (loc.length > MAX_DEPTH) {
      this.problems.push({ loc, message: `nested deeper than ${MAX_DEPTH} levels` });
      return { type: 'literal', value: null };
    }
    const before = this.expressions.length + this.problems.length;
    const part: Part = Array.isArray(value)
      ? { type: 'list', items: value.map((item, position) => this.build(item, [...loc, position])) }
      : {
          type: 'object',
          members: Object.entries(value).map(
            ([key, item]) => [key, this.build(item, [...loc, key])] as const,
          ),
        };
    const isLiteral = this.expressions.length + this.problems.length === before;
    return isLiteral ? { type: 'literal', value } : part;
  }

  private string(text: string, loc: readonly (string | number)[]): Part {
    if (text.startsWith('=')) return this.expression(text.slice(1), loc);
    if (!text.includes('{{')) return { type: 'literal', value: text };
    const pieces: Part[] = [];
    let at = 0;
    for (;;) {
      const open = text.indexOf('{{', at);
      const end = open === -1 ? -1 : closing(text, open + 2);
      if (open !== -1 && end === -1) this.problems.push({ loc, message: '"{{" without "}}"' });
      if (end === -1) break;
      if (open > at) pieces.push({ type: 'literal', value: text.slice(at, open) });
      pieces.push(this.expression(text.slice(open + 2, end), loc));
      at = end + 2;
    }
    if (at < text.length) pieces.push({ type: 'literal', value: text.slice(at) });
    return { type: 'text', pieces };
  }

  private expression(text: string, loc: readonly (string | number)[]): Part {
    const parsed = compileJsonata(text.trim());
    if (!parsed.ok) {
      const where = parsed.position === null ? '' : ` at character ${parsed.position}`;
      this.problems.push({ loc, message: `JSONata "${shorten(text.trim())}"${where}: ${parsed.message}` });
      return { type: 'literal', value: null };
    }
    const { needsThread, stepReferences, reachesAllSteps, secretNames } = parsed.value;
    this.expressions.push({ text: text.trim(), loc, stepReferences, reachesAllSteps, secretNames });
    const thread = needsThread ? this.threadExpressions.push(text.trim()) - 1 : -1;
    return { type: 'expression', expression: parsed.value, thread };
  }
}

/**
 * Where the `}}` is that ends an interpolation: behind braces and quoted texts of the expression itself, so that
 * `{{ {"a": {"b": 1}} }}` and `{{ "}}" }}` are whole. -1 when there is none.
 */
function closing(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'" || character === '`') quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      if (depth > 0) depth -= 1;
      else if (text.charAt(at + 1) === '}') return at;
    }
  }
  return -1;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Text of an interpolated value: strings as they are, nothing and null as nothing, everything else as JSON. */
function asText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

/** The first failing expression, thrown through the recursion and turned into a value at its top. */
class Stopped extends Error {
  constructor(readonly failure: Evaluated & { readonly ok: false }) {
    super(failure.error.message);
  }
}

function fill(part: Part, scope: object, results: readonly JsonValue[]): JsonValue {
  switch (part.type) {
    case 'literal':
      return part.value;
    case 'expression': {
      if (part.thread >= 0) return results[part.thread] ?? null;
      const result = part.expression.evaluateSync(scope);
      if (!result.ok) throw new Stopped(result);
      return result.value;
    }
    case 'text':
      return part.pieces.map((piece) => asText(fill(piece, scope, results))).join('');
    case 'list':
      return part.items.map((item) => fill(item, scope, results));
    case 'object': {
      const filled: { [key: string]: JsonValue } = {};
      for (const [key, member] of part.members) {
        const value = fill(member, scope, results);
        if (key === '__proto__') Object.defineProperty(filled, key, { value, enumerable: true });
        else filled[key] = value;
      }
      return filled;
    }
  }
}

/** `isLiteral` answers for the way to a value whether it is taken as it is, with all that is below it. */
export function compileTemplate(
  json: JsonValue,
  isLiteral: (loc: readonly (string | number)[]) => boolean = () => false,
): CompiledTemplate {
  const builder = new Builder(isLiteral);
  const part = builder.build(json, []);
  const { expressions, threadExpressions, problems } = builder;
  const assemble = (scope: object, results: readonly JsonValue[]): Evaluated => {
    if (part.type === 'literal') return { ok: true, value: part.value };
    if (results.length !== threadExpressions.length) {
      throw new TypeError(`${threadExpressions.length} results expected, ${results.length} given`);
    }
    try {
      return { ok: true, value: fill(part, scope, results) };
    } catch (error) {
      return error instanceof Stopped ? error.failure : failed('expression_failed', messageOf(error));
    }
  };
  return {
    isStatic: expressions.length === 0 && problems.length === 0,
    needsThread: threadExpressions.length > 0,
    expressions,
    threadExpressions,
    problems,
    evaluateSync: (scope) => assemble(scope, []),
    assemble,
  };
}

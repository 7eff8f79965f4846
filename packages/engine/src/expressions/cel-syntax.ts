import type { ASTNode } from '@marcbachmann/cel-js';

export interface CelFacts {
  readonly stepReferences: readonly string[];
  readonly usesInput: boolean;
  /** `steps` occurs other than as `steps.<id>`. */
  readonly reachesAllSteps: boolean;
  /** The cost of an evaluation grows with this power of the data's size; 0 looks at single values only. */
  readonly exponent: number;
  /** Why the expression is not accepted although it parses; null when it is. */
  readonly refusal: string | null;
  /** Adds advice to an error's message where the syntax shows what was meant. */
  readonly hint: (message: string) => string;
}

export const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
/** Nested comprehensions cost the product of their lists: two levels are the most that may run unattended. */
const MAX_NESTED_COMPREHENSIONS = 2;

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** `steps.x` or `steps["x"]`, also with the optional forms. */
function stepReference(node: ASTNode): string | null {
  if (node.op === '.' || node.op === '.?') {
    const [object, name] = node.args;
    return object.op === 'id' && object.args === 'steps' ? name : null;
  }
  if (node.op === '[]' || node.op === '[?]') {
    const [object, key] = node.args;
    const isStep = object.op === 'id' && object.args === 'steps' && key.op === 'value';
    return isStep && typeof key.args === 'string' ? key.args : null;
  }
  return null;
}

/** `steps.load-data.output` reads as a subtraction: the parts `load` and `data` around the minus. */
function dashedName(node: ASTNode): string | null {
  if (node.op !== '-') return null;
  const [left, right] = node.args;
  const head = stepReference(left);
  if (head === null) return null;
  let first: ASTNode = right;
  while (first.op === '.') first = first.args[0];
  return first.op === 'id' ? `${head}-${first.args}` : null;
}

/** Operators that compare whole lists when neither side is a literal. */
const LIST_OPERATORS: ReadonlySet<string> = new Set(['in', '==', '!=']);

function readsWholeLists(node: ASTNode): boolean {
  if (!LIST_OPERATORS.has(node.op) || !Array.isArray(node.args)) return false;
  return node.args.every((operand) => isNode(operand) && operand.op !== 'value');
}

/** Walks an AST, whose depth the parser has bounded. */
export function celFacts(ast: ASTNode): CelFacts {
  const references = new Set<string>();
  let usesInput = false;
  let refusal: string | null = null;
  let dashed: string | null = null;
  let exponent = 0;
  let mentions = 0;
  let resolved = 0;

  const pending: { readonly value: unknown; readonly nesting: number }[] = [{ value: ast, nesting: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, nesting } = next;
    if (Array.isArray(value)) {
      for (const item of value) pending.push({ value: item, nesting });
      continue;
    }
    if (!isNode(value)) continue;
    const step = stepReference(value);
    if (step !== null) {
      references.add(step);
      resolved += 1;
    }
    if (value.op === 'id' && value.args === 'steps') mentions += 1;
    dashed ??= dashedName(value);
    if (value.op === 'id' && value.args === 'input') usesInput = true;
    let depth = nesting;
    exponent = Math.max(exponent, nesting + (readsWholeLists(value) ? 1 : 0));
    if (value.op === 'rcall') {
      if (value.args[0] === 'matches') {
        refusal = 'matches() is not available: use startsWith, endsWith, contains, or a transform step';
      }
      if (COMPREHENSIONS.has(value.args[0])) {
        depth += 1;
        exponent = Math.max(exponent, depth);
      }
      if (depth > MAX_NESTED_COMPREHENSIONS) {
        refusal = `all, exists, map and filter nest at most ${MAX_NESTED_COMPREHENSIONS} deep: use a transform step`;
      }
    } else if (value.op === 'call' && (value.args[0] === 'secret' || value.args[0] === '$secret')) {
      refusal =
        'secret() is not available in CEL: the value of a secret decides nothing, it only leaves with a request';
    } else if (value.op === 'call' && value.args[0] === 'matches') {
      refusal = 'matches() is not available: use startsWith, endsWith, contains, or a transform step';
    }
    pending.push({ value: value.args, nesting: depth });
  }

  const advice = dashed === null ? '' : `; an id with a dash is written steps["${dashed}"]`;
  return {
    stepReferences: [...references],
    usesInput,
    reachesAllSteps: mentions > resolved,
    exponent,
    refusal,
    hint: (message) => message + advice,
  };
}

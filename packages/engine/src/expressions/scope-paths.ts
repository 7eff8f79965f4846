import type { ASTNode } from '@marcbachmann/cel-js';
import { COMPREHENSIONS, isNode as isCelNode } from './cel-syntax.js';
import { visit, type AstNode } from './references.js';

/** Names followed from the scope, as in `["steps", "plan", "output", "tasks"]`; as far as the syntax shows them. */
export type ScopePath = readonly string[];

/** Every path that starts at the scope. Names under a filter or a computed key are relative to something else. */
export function jsonataScopePaths(ast: AstNode): ScopePath[] {
  const found: ScopePath[] = [];
  visit(ast, (node, isRoot) => {
    if (node.type !== 'path') return;
    const [first, ...rest] = node.steps ?? [];
    if (first === undefined) return;
    const isAbsolute = first.type === 'variable' && first.value === '$';
    const isContext = first.type === 'variable' && first.value === '';
    if (!isRoot && !isAbsolute) return;
    const names = leadingNames(isAbsolute || isContext ? rest : [first, ...rest]);
    // The callee of `secret("name")` is a path of one name.
    if (names.length > 0 && !(names.length === 1 && names[0] === 'secret')) found.push(names);
  });
  return distinct(found);
}

function leadingNames(steps: readonly AstNode[]): string[] {
  const names: string[] = [];
  for (const { type, value } of steps) {
    if (type !== 'name' || typeof value !== 'string') break;
    names.push(value);
  }
  return names;
}

/** As `jsonataScopePaths`. What a comprehension calls its items is no part of the scope. */
export function celScopePaths(ast: ASTNode): ScopePath[] {
  const found: ScopePath[] = [];
  const pending: { readonly value: unknown; readonly items: ReadonlySet<string> }[] = [
    { value: ast, items: new Set() },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, items } = next;
    if (Array.isArray(value)) {
      for (const inner of value) pending.push({ value: inner, items });
      continue;
    }
    if (!isCelNode(value)) continue;
    if (value.op === 'rcall' && COMPREHENSIONS.has(value.args[0])) {
      const [, receiver, [item, ...conditions]] = value.args;
      pending.push({ value: receiver, items });
      pending.push({ value: conditions, items: item?.op === 'id' ? new Set([...items, item.args]) : items });
      continue;
    }
    if (!isAccess(value)) {
      pending.push({ value: value.args, items });
      continue;
    }
    const others: ASTNode[] = [];
    const { names } = follow(value, others);
    const [head] = names;
    if (head !== undefined && !items.has(head)) found.push(names);
    pending.push({ value: others, items });
  }
  return distinct(found);
}

function isAccess({ op }: ASTNode): boolean {
  return op === 'id' || op === '.' || op === '.?' || op === '[]' || op === '[?]';
}

/**
 * The names of an access as far as they are known. `others` receives what it is computed from: keys, and an object that
 * is no name itself. As deep as the syntax, which the parser has bounded.
 */
function follow(node: ASTNode, others: ASTNode[]): { readonly names: string[]; readonly isKnown: boolean } {
  switch (node.op) {
    case 'id':
      return { names: [node.args], isKnown: true };
    case '.':
    case '.?': {
      const [object, name] = node.args;
      const { names, isKnown } = follow(object, others);
      return { names: isKnown ? [...names, name] : names, isKnown };
    }
    case '[]':
    case '[?]': {
      const [object, key] = node.args;
      const { names, isKnown } = follow(object, others);
      if (key.op !== 'value') {
        others.push(key);
        return { names, isKnown: false };
      }
      return { names: isKnown && typeof key.args === 'string' ? [...names, key.args] : names, isKnown };
    }
    default:
      others.push(node);
      return { names: [], isKnown: false };
  }
}

function distinct(paths: readonly ScopePath[]): ScopePath[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

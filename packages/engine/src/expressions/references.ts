/** JSONata's syntax tree as far as it is looked at here; its own typings miss half of the fields. */
export interface AstNode {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly AstNode[];
  readonly stages?: unknown;
  readonly predicate?: unknown;
  readonly group?: unknown;
  readonly focus?: unknown;
  readonly index?: unknown;
  readonly tuple?: boolean;
  readonly keepSingletonArray?: boolean;
  readonly procedure?: AstNode;
  readonly arguments?: readonly AstNode[];
  readonly rhs?: unknown;
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Below these fields the context is no longer the scope, so a name there is a field of something else. */
const RELATIVE_FIELDS: ReadonlySet<string> = new Set(['stages', 'predicate', 'group']);

/** Visits the tree without recursion. `isRoot` is true where a name would be looked up in the scope itself. */
export function visit(ast: AstNode, see: (node: AstNode, isRoot: boolean) => void): void {
  const pending: { readonly value: unknown; readonly isRoot: boolean }[] = [{ value: ast, isRoot: true }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, isRoot } = next;
    if (Array.isArray(value)) {
      for (const item of value) pending.push({ value: item, isRoot });
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    if (isNode(value)) see(value, isRoot);
    for (const [key, child] of Object.entries(value)) {
      if (typeof child !== 'object' || child === null) continue;
      if (key === 'steps' && isNode(value) && value.type === 'path') {
        const [first, ...rest] = value.steps ?? [];
        pending.push({ value: first, isRoot }, { value: rest, isRoot: false });
      } else {
        pending.push({ value: child, isRoot: isRoot && !RELATIVE_FIELDS.has(key) });
      }
    }
  }
}

function nameOf(node: AstNode | undefined): string | null {
  return node?.type === 'name' && typeof node.value === 'string' ? node.value : null;
}

/** The ids in `steps.<id>`, `$.steps.<id>` and `$$.steps.<id>`, without repeats, wherever the scope is the context. */
export function jsonataReferences(ast: AstNode): string[] {
  const found = new Set<string>();
  visit(ast, (node, isRoot) => {
    if (node.type !== 'path') return;
    const [first, second, third] = node.steps ?? [];
    if (first?.stages !== undefined || first?.predicate !== undefined) return;
    const isAbsolute = first?.type === 'variable' && first.value === '$';
    const isContext = first?.type === 'variable' && first.value === '';
    if (!isRoot && !isAbsolute) return;
    const [container, step] = isAbsolute || isContext ? [second, third] : [first, second];
    if (nameOf(container) !== 'steps' || container?.stages !== undefined) return;
    const id = nameOf(step);
    if (id !== null) found.add(id);
  });
  return [...found];
}

/** Does the expression name the built-in `$name`, called or passed on? */
export function usesFunction(ast: AstNode, name: string): boolean {
  let isUsed = false;
  visit(ast, (node) => {
    if (node.type === 'variable' && node.value === name) isUsed = true;
  });
  return isUsed;
}

const WHOLE: ReadonlySet<string> = new Set(['wildcard', 'descendant', 'parent']);
const CLOCKS: ReadonlySet<unknown> = new Set(['now', 'millis', 'random']);

/** Might it see other steps than those it names? Said too often rather than too seldom. */
export function jsonataReachesAllSteps(ast: AstNode): boolean {
  let mentions = 0;
  let references = 0;
  let isWhole = false;
  visit(ast, (node) => {
    if (WHOLE.has(node.type)) isWhole = true;
    if (node.type === 'variable' && (node.value === '' || node.value === '$')) isWhole = true;
    // Without arguments many functions take the context, which may be the scope itself.
    if (node.type === 'function' && node.arguments?.length === 0 && !CLOCKS.has(node.procedure?.value))
      isWhole = true;
    if (nameOf(node) === 'steps') mentions += 1;
    if (node.type !== 'path') return;
    const [first, second] = node.steps ?? [];
    const isPlain = first?.stages === undefined && first?.predicate === undefined;
    if (isPlain && nameOf(first) === 'steps' && nameOf(second) !== null) references += 1;
  });
  return isWhole || mentions > references;
}

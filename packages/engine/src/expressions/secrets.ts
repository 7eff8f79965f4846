import { isSecretName } from '@millrace/contracts';
import { isNode, type AstNode } from './references.js';

export interface SecretUses {
  /** Names of every `secret("name")`, without repeats. */
  readonly names: readonly string[];
  /** Why the expression is not accepted although it parses; null when it is. */
  readonly refusal: string | null;
}

/** A secret stands in an expression as a placeholder: what these do to it they would not do to the value. */
const CHANGES_TEXT: ReadonlySet<string> = new Set([
  ...['substring', 'substringBefore', 'substringAfter', 'uppercase', 'lowercase', 'length', 'trim', 'pad'],
  ...['contains', 'split', 'match', 'replace', 'number', 'base64encode', 'base64decode'],
  ...['encodeUrl', 'encodeUrlComponent', 'decodeUrl', 'decodeUrlComponent'],
]);
const COMPARES: ReadonlySet<unknown> = new Set(['=', '!=', '<', '<=', '>', '>=', 'in']);

const USAGE = 'write secret("name") with the name itself between quotes';

/** `secret` and `$secret` in front of an argument list. */
function namesSecret(procedure: AstNode | undefined): boolean {
  if (procedure?.type === 'variable') return procedure.value === 'secret';
  const steps = procedure?.type === 'path' ? (procedure.steps ?? []) : [];
  return steps.length === 1 && steps[0]?.type === 'name' && steps[0].value === 'secret';
}

function isCall(node: AstNode): boolean {
  return (node.type === 'function' || node.type === 'partial') && namesSecret(node.procedure);
}

/** The name a call asks for, or why it is none that can be known before the workflow runs. */
function calledName(node: AstNode): { readonly name: string } | { readonly refusal: string } {
  const [argument, ...others] = node.arguments ?? [];
  const { value } = argument ?? {};
  if (node.type !== 'function' || others.length > 0 || argument?.type !== 'string') {
    return { refusal: `the name of a secret must be known when the workflow is saved: ${USAGE}` };
  }
  if (typeof value === 'string' && isSecretName(value)) return { name: value };
  return { refusal: `${JSON.stringify(value)} cannot be the name of a secret` };
}

/** The function or operator that would work on the placeholder itself; null where the text is only passed on. */
function changing(node: AstNode): string | null {
  const called =
    node.type === 'apply' && isNode(node.rhs) ? (node.rhs.procedure ?? node.rhs) : node.procedure;
  const name = called?.type === 'variable' && typeof called.value === 'string' ? called.value : '';
  if (CHANGES_TEXT.has(name)) return `$${name}()`;
  return node.type === 'binary' && COMPARES.has(node.value) ? `"${String(node.value)}"` : null;
}

/** What an expression asks of the vault, and whether it may. Walks without recursion. */
export function secretUses(ast: AstNode): SecretUses {
  const names = new Set<string>();
  let refusal: string | null = null;
  const pending: { readonly value: unknown; readonly within: string | null }[] = [
    { value: ast, within: null },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, within } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value) || !isNode(value)) {
      for (const child of Object.values(value)) pending.push({ value: child, within });
      continue;
    }
    if (isCall(value)) {
      const called = calledName(value);
      if ('name' in called) names.add(called.name);
      else refusal ??= called.refusal;
      if (within !== null) {
        refusal ??= `${within} cannot work on a secret: an expression sees a placeholder, and only what leaves the step has the value`;
      }
      continue;
    }
    if (value.type === 'variable' && value.value === 'secret') {
      refusal ??= `$secret can be called and nothing else: ${USAGE}`;
    }
    const inside = value.type === 'lambda' ? null : (changing(value) ?? within);
    for (const child of Object.values(value)) pending.push({ value: child, within: inside });
  }
  return { names: [...names], refusal };
}

/** The name, where the whole expression is one call and nothing else. */
export function wholeSecret(ast: AstNode): string | null {
  if (!isCall(ast) || ast.predicate !== undefined || ast.group !== undefined) return null;
  const called = calledName(ast);
  return 'name' in called ? called.name : null;
}

/** Makes `secret("x")`, which JSONata takes for a field, the same as `$secret("x")`. Changes the tree. */
export function bindSecretCalls(ast: AstNode): void {
  const pending: unknown[] = [ast];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isNode(value) && isCall(value)) {
      Reflect.set(value, 'procedure', { type: 'variable', value: 'secret', position: 0 });
    }
    for (const child of Object.values<unknown>({ ...value })) pending.push(child);
  }
}

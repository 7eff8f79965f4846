import { isJsonObject, type JsonObject, type JsonValue, type Node } from '@millrace/contracts';
import type { BuilderDocument, StepEdge } from '../document/document';
import { findStep, graphAt, ON_FAILURE, ROOT, type Scope } from '../document/scope';
import { defaultParameters, type RunData } from './run-data';

/** What the expressions of one step see, as far as it is known before the next run. */
export interface ExpressionScope {
  /** Ids of the steps that come before, the nearest first. */
  readonly steps: readonly string[];
  /** Values: of the last run, over them what is pinned; of parameters the defaults where nothing ran. */
  readonly values: JsonObject;
  /** True: the values are those of a run, and not only defaults. */
  readonly isOfRun: boolean;
}

/** Rules G12 and G17: a step sees what comes before it, and what comes before the steps that it is in. */
export function stepsBefore(document: BuilderDocument, stepId: string): string[] {
  const found = findStep(document, stepId);
  if (!found) return [];
  const before = ancestors(document, found.scope, stepId);
  for (let depth = found.scope.length - 1; depth >= 0; depth -= 1) {
    const holder = found.scope[depth];
    if (holder === undefined) continue;
    const outer = found.scope.slice(0, depth);
    if (holder === ON_FAILURE) before.push(...(graphAt(document, ROOT)?.nodes.map(({ id }) => id) ?? []));
    else before.push(...ancestors(document, outer, holder));
  }
  return [...new Set(before)];
}

function ancestors(document: BuilderDocument, scope: Scope, stepId: string): string[] {
  const edges = graphAt(document, scope)?.edges ?? [];
  const sources = new Map<string, StepEdge[]>();
  for (const edge of edges) sources.set(edge.target, [...(sources.get(edge.target) ?? []), edge]);
  const found = new Set<string>();
  let nearest = [stepId];
  while (nearest.length > 0) {
    const next = nearest.flatMap((id) => sources.get(id)?.map(({ source }) => source) ?? []);
    nearest = next.filter((id) => id !== stepId && !found.has(id));
    for (const id of nearest) found.add(id);
  }
  return [...found];
}

export function expressionScope(
  document: BuilderDocument,
  stepId: string,
  run: RunData | null | undefined,
): ExpressionScope {
  const before = stepsBefore(document, stepId);
  const steps: JsonObject = {};
  for (const id of before) {
    const value = stepValue(findStep(document, id)?.node, run);
    if (value !== undefined) steps[id] = value;
  }
  const parameters = { ...defaultParameters(document.parameters_schema), ...run?.parameters };
  const place = findStep(document, stepId);
  const values: JsonObject = {
    parameters,
    steps,
    execution: run?.execution ?? { id: '', workflow_id: '', workflow_name: document.name },
    ...(place && ofBody(document, place.scope, run)),
    input: inputOf(document, stepId, place?.scope ?? ROOT, parameters, steps),
  };
  return { steps: before, values, isOfRun: run !== null && run !== undefined };
}

function stepValue(node: Node | undefined, run: RunData | null | undefined): JsonValue | undefined {
  if (node === undefined) return undefined;
  if (node.data.pinned_output !== undefined) return { output: node.data.pinned_output, status: 'completed' };
  const summary = run?.steps.get(node.id);
  if (summary === undefined || (summary.output === undefined && summary.error === null)) return undefined;
  const { output = null, status, error } = summary;
  return { output, status, ...(error && { error: { code: error.code, message: error.message } }) };
}

/** In a body the values of an iteration; which one is not known, so the first item of a list stands for all. */
function ofBody(document: BuilderDocument, scope: Scope, run: RunData | null | undefined): JsonObject {
  const holder = scope.at(-1);
  if (holder === undefined) return {};
  if (holder === ON_FAILURE)
    return { failure: { code: 'step_failed', message: 'What went wrong', step_id: '' } };
  const node = findStep(document, holder)?.node;
  if (node?.type === 'repeat') return { index: 0, previous: null };
  const input = run?.steps.get(holder)?.input;
  const items = isJsonObject(input) ? Object.values(input).find((value) => Array.isArray(value)) : undefined;
  return { index: 0, item: items?.[0] ?? null };
}

/** Rule E7, but for what an author wrote as the input. */
function inputOf(
  document: BuilderDocument,
  stepId: string,
  scope: Scope,
  parameters: JsonObject,
  steps: JsonObject,
): JsonObject {
  const input: JsonObject = { ...parameters };
  for (const { source, target } of graphAt(document, scope)?.edges ?? []) {
    const value = steps[source];
    if (target === stepId && isJsonObject(value)) input[source] = value['output'] ?? null;
  }
  return input;
}

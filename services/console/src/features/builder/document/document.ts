import type { Definition, Edge, JsonValue, Node } from '@millrace/contracts';

/**
 * What the builder edits: a definition of contracts that may still be wrong (its configurations have not been checked),
 * and in which every edge has an id. It is never changed in place; a command makes a new one that shares what is equal.
 * Selection, viewport and the status of runs are not in it.
 */
export type BuilderDocument = Definition;

/** An edge in the document: its id is unique within its graph. */
export type StepEdge = Edge & { readonly id: string };

/** The workflow's own graph, that of its `on_failure`, or that inside a step. */
export interface StepGraph {
  readonly nodes: readonly Node[];
  readonly edges: readonly StepEdge[];
}

/**
 * The definition as it is saved. The same JSON: what is typed as a definition is JSON but for members that are
 * undefined, which are left out.
 */
export const toJson = (document: BuilderDocument): Record<string, JsonValue> =>
  JSON.parse(JSON.stringify(document)) as Record<string, JsonValue>;

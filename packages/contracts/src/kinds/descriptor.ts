import type * as z from 'zod';

/**
 * *Pure* steps may be recomputed after a crash and do not wait for their predecessors' commits;
 * *effectful* ones start only when everything before them, their own `step_started` included, is committed.
 */
export type Purity = 'pure' | 'effectful';

export interface StepKindDescriptor {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly configuration: z.ZodType;
  readonly purity: Purity;
  /** Edge labels that select a branch out of this kind; empty where labels are decoration. `error` selects on every kind. */
  readonly ports: readonly string[];
  /** Configuration fields that hold a CEL expression, checked when a workflow is saved. */
  readonly celFields: readonly string[];
  /** Configuration fields that are one JSONata expression as a whole. */
  readonly jsonataFields: readonly string[];
  /** A complete, valid `config` for the documentation and the palette. */
  readonly example: unknown;
}

import type * as z from 'zod';
import type { JsonObject } from '../json.js';

/**
 * *Pure* steps may be recomputed after a crash and do not wait for their predecessors' commits;
 * *effectful* ones start only when everything before them, their own `step_started` included, is committed.
 */
export type Purity = 'pure' | 'effectful';

/** The way to a value in a configuration, joined by dots; `*` is every item of a list: `cases.*.when`. */
export type ConfigPath = string;

export interface StepKindDescriptor {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly configuration: z.ZodType;
  readonly purity: Purity;
  /** Edge labels that select a branch out of this kind; empty where labels are decoration. `error` selects on every kind. */
  readonly ports: readonly string[];
  /** Ports that come from the configuration, before `ports`. */
  readonly configuredPorts?: (config: JsonObject) => readonly string[];
  /** The port that an edge without a label selects; without it such an edge is an error. */
  readonly defaultPort?: string;
  /** `config.body` is a graph of its own that this kind runs, once an iteration. */
  readonly hasBody?: boolean;
  /** Configuration fields that hold a CEL expression, checked when a workflow is saved. */
  readonly celFields: readonly ConfigPath[];
  /** Configuration fields that are one JSONata expression as a whole. */
  readonly jsonataFields: readonly ConfigPath[];
  /** Configuration fields that are text as it stands, whatever it looks like: neither expression nor template. */
  readonly literalFields?: readonly ConfigPath[];
  /** `secret("name")` may be used in its templates: its implementation keeps values out of all that is recorded. */
  readonly allowsSecrets?: boolean;
  /** A complete, valid `config` for the documentation and the palette. */
  readonly example: unknown;
}

import type {
  AgentType,
  JoinMode,
  JsonObject,
  JsonValue,
  OnError,
  OnUncertain,
  Purity,
  RetryPolicy,
  StepKind,
} from '@millrace/contracts';
import type { CompiledTemplate } from '../expressions/template.js';

/** `port` selects: a port of the source's kind, or `error`. Null is a plain edge; a decorative label is not kept. */
export interface PlanEdge {
  readonly source: number;
  readonly target: number;
  readonly port: string | null;
}

/** One node, compiled. All numbers that point to steps or edges are positions in the arrays of its graph. */
export interface PlanStep {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly kind: StepKind;
  readonly agentType: AgentType | null;
  readonly purity: Purity;
  readonly config: JsonObject;
  /** Absent: the default input (rule E7). */
  readonly input: JsonValue | undefined;
  readonly retry: RetryPolicy;
  /** Limit of one attempt, milliseconds. */
  readonly timeoutMs: number | null;
  readonly onError: OnError;
  readonly join: JoinMode;
  readonly disabled: boolean;
  readonly pinnedOutput: JsonValue | undefined;
  /** What becomes of an attempt that started and left no result (rule C2). */
  readonly uncertain: OnUncertain;
  /** Ports of the step; empty where labels are decoration. */
  readonly ports: readonly string[];
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
  /** Distinct steps at the other end of `incoming`, and of `outgoing`. */
  readonly dependencies: readonly number[];
  readonly dependents: readonly number[];
  /** What a `map` or `repeat` runs once an iteration; null for every other kind. */
  readonly body: Graph | null;
  /** The steps whose bodies this one is in, the outermost first. */
  readonly within: readonly PlanStep[];
  readonly isInOnFailure: boolean;
}

export interface StepTemplates {
  readonly config: CompiledTemplate;
  readonly input: CompiledTemplate | null;
}

/** Steps and the edges between them: a workflow's own, a body's, or what runs on failure. */
export interface Graph {
  /** In topological order; among equals in the order of the definition. */
  readonly steps: readonly PlanStep[];
  readonly edges: readonly PlanEdge[];
  readonly roots: readonly number[];
  readonly leaves: readonly number[];
  /** Filled on first use by `templatesOf`; a cache, not part of the graph's value. */
  readonly templates: (StepTemplates | undefined)[];
}

/** A definition, compiled: immutable and shared by all executions of a version. */
export interface Plan extends Graph {
  readonly name: string;
  /** Every step, those of bodies and of `onFailure` included: ids are unique among all of them. */
  readonly stepOf: ReadonlyMap<string, PlanStep>;
  /** Limit of the whole execution counted from its first `started`, milliseconds. */
  readonly timeoutMs: number | null;
  readonly onFailure: { readonly graph: Graph; readonly timeoutMs: number } | null;
  readonly budget: ExecutionBudget | null;
}

/** What models may use; null is unlimited. */
export interface ExecutionBudget {
  readonly tokens: number | null;
  readonly costUsd: number | null;
}

/** One finding about a definition. `structure` is answered 400, `configuration` 422. `loc` starts at the definition. */
export interface Problem {
  readonly category: 'structure' | 'configuration';
  readonly code: ProblemCode;
  readonly message: string;
  readonly nodeIds: readonly string[];
  readonly loc: readonly (string | number)[];
}

export type ProblemCode =
  | 'no_nodes'
  | 'too_many_nodes'
  | 'nested_too_deep'
  | 'duplicate_id'
  | 'unknown_node'
  | 'self_loop'
  | 'cycle'
  | 'duplicate_edge'
  | 'unlabelled_edge'
  | 'unknown_port'
  | 'error_edge_unused'
  | 'error_edge_missing'
  | 'retry_of_body'
  | 'invalid_pinned_output'
  | 'invalid_expression'
  | 'unknown_step_reference'
  | 'step_not_upstream';

export type CompileResult =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly problems: readonly Problem[] };

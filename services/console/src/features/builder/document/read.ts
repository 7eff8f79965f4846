import {
  agentType,
  joinMode,
  jsonObject,
  jsonValue,
  onError,
  onUncertain,
  stepKind,
  type JsonObject,
  type Node,
  type RetryPolicy,
} from '@millrace/contracts';
import * as z from 'zod';
import { isDrawn } from '@/features/canvas/graph';
import type { BuilderDocument, StepEdge, StepGraph } from './document';
import { spread } from './spread';

/** Of a draft, which need not be valid: only what the builder cannot work without is asked for. */
const position = z.object({ x: z.number(), y: z.number() });

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const data = z.object({
  agent_type: agentType.optional().catch(undefined),
  label: z.string().optional(),
  config: jsonObject.catch({}).default({}),
  input: jsonValue.optional(),
  retry: z.custom<RetryPolicy>(isObject).optional(),
  timeout_seconds: z.number().optional(),
  on_error: onError.catch('fail').default('fail'),
  on_uncertain: onUncertain.optional().catch(undefined),
  join: joinMode.catch('all').default('all'),
  disabled: z.boolean().catch(false).default(false),
  pinned_output: jsonValue.optional(),
  notes: z.string().optional(),
});

/** The older spelling of a tool is understood as contracts understand it. */
const node = z.preprocess(
  (value) => {
    if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'tool')
      return value;
    const held = 'data' in value && typeof value.data === 'object' && value.data !== null ? value.data : {};
    const { tool, ...rest } = { tool: undefined, ...held };
    return { ...value, type: tool ?? 'tool', data: rest };
  },
  z.object({
    id: z.string().min(1),
    type: stepKind,
    position: position.optional(),
    data: data.prefault({}),
  }),
);

const edge = z.object({
  id: z.string().optional(),
  source: z.string(),
  target: z.string(),
  label: z.string().optional(),
});

const graph = z.object({ nodes: z.array(node).default([]), edges: z.array(edge).default([]) });

const rest = z.looseObject({
  name: z.string().default(''),
  description: z.string().catch('').default(''),
  parameters_schema: jsonObject.optional().catch(undefined),
  timeout_seconds: z.number().optional().catch(undefined),
  budget: z.custom<NonNullable<BuilderDocument['budget']>>(isObject).optional().catch(undefined),
  metadata: z.custom<BuilderDocument['metadata']>(isObject).default({}),
  ui: z.custom<NonNullable<BuilderDocument['ui']>>(isObject).optional().catch(undefined),
});

const onFailure = z.object({ timeout_seconds: z.number().catch(3_600).default(3_600) });

export type ReadResult =
  { readonly ok: true; readonly document: BuilderDocument } | { readonly ok: false; readonly reason: string };

/**
 * A document from the JSON of a workflow, a version or a draft. What is wrong with it is for the list of problems, not
 * for here; refused is only what no canvas could show, such as a step of an unknown kind.
 */
export function readDocument(json: unknown): ReadResult {
  const outer = rest.safeParse(json);
  if (!outer.success) return { ok: false, reason: firstIssue(outer.error) };
  const main = readGraph(json);
  if (!main.ok) return main;
  const { name, description, parameters_schema, timeout_seconds, budget, metadata, ui } = outer.data;
  const failure = outer.data['on_failure'];
  const handler = failure === undefined ? undefined : readGraph(failure);
  if (handler?.ok === false) return handler;
  const document: BuilderDocument = {
    name,
    description,
    nodes: [...main.graph.nodes],
    edges: [...main.graph.edges],
    metadata,
    ...(parameters_schema && { parameters_schema }),
    ...(timeout_seconds !== undefined && { timeout_seconds }),
    ...(handler && {
      on_failure: {
        ...onFailure.parse(failure),
        nodes: [...handler.graph.nodes],
        edges: [...handler.graph.edges],
      },
    }),
    ...(budget && { budget }),
    ...(ui && { ui }),
  };
  return { ok: true, document };
}

type GraphResult =
  { readonly ok: true; readonly graph: StepGraph } | { readonly ok: false; readonly reason: string };

export function readGraph(json: unknown): GraphResult {
  const read = graph.safeParse(json);
  if (!read.success) return { ok: false, reason: firstIssue(read.error) };
  const { nodes, edges } = read.data;
  const places = isDrawn(nodes)
    ? undefined
    : spread(
        nodes.map(({ id }) => id),
        edges,
      );
  return {
    ok: true,
    graph: {
      nodes: nodes.map((one): Node => ({
        ...one,
        position: places?.get(one.id) ?? one.position ?? { x: 0, y: 0 },
      })),
      edges: withIds(edges),
    },
  };
}

/** The same ids every time, so that two people who open one workflow mean the same edges by them. */
function withIds(edges: readonly z.output<typeof edge>[]): StepEdge[] {
  const taken = new Set(edges.flatMap(({ id }) => id ?? []));
  let last = 0;
  const fresh = (): string => {
    do last += 1;
    while (taken.has(`edge_${last}`));
    return `edge_${last}`;
  };
  return edges.map((one) => ({ ...one, id: one.id ?? fresh() }));
}

const bodies = new WeakMap<JsonObject, StepGraph>();
const NO_STEPS: StepGraph = { nodes: [], edges: [] };

/** The graph inside a step, read once for each state of it. What cannot be read is an empty graph. */
export function bodyGraph({ data: { config } }: Node): StepGraph {
  const body = config['body'];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return NO_STEPS;
  const known = bodies.get(body);
  if (known) return known;
  const read = readGraph(body);
  const found = read.ok ? read.graph : NO_STEPS;
  bodies.set(body, found);
  return found;
}

/** A graph as the `body` of a configuration; `bodyGraph` gives back this very graph. */
export function asBody(graphOf: StepGraph): JsonObject {
  const body = JSON.parse(JSON.stringify(graphOf)) as JsonObject;
  bodies.set(body, graphOf);
  return body;
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'it cannot be read';
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return `${where}${issue.message}`;
}

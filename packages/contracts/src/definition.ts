import * as z from 'zod';
import { AGENT_CONFIGURATIONS, agentType } from './agents.js';
import { nodeId } from './ids.js';
import { isJsonObject, jsonObject, jsonValue, type JsonValue } from './json.js';
import { descriptorOf, isStepKind, stepKind } from './kinds/index.js';
import { joinMode, onError, onUncertain, retryPolicy } from './policies.js';

const label = z.string().max(200);
const position = z.strictObject({ x: z.number(), y: z.number() });

const nodeDataFields = {
  agent_type: agentType.optional(),
  label: label.optional().describe('Shown name; the node id without one'),
  config: jsonObject.optional().default({}),
  input: jsonValue
    .optional()
    .describe('What the step receives; by default parameters and predecessors’ outputs'),
  retry: retryPolicy.optional(),
  timeout_seconds: z.number().positive().max(31_536_000).optional(),
  on_error: onError.optional().default('fail'),
  on_uncertain: onUncertain.optional(),
  join: joinMode.optional().default('all'),
  disabled: z.boolean().optional().default(false),
  pinned_output: jsonValue.optional(),
  notes: z.string().max(20_000).optional(),
};

export const nodeData = z.strictObject(nodeDataFields).meta({ id: 'NodeData' });

const nodeShape = z.strictObject({
  id: nodeId,
  type: stepKind,
  position: position.default({ x: 0, y: 0 }),
  data: nodeData.prefault({}),
});

/** The older spelling `{"type": "tool", "data": {"tool": "http_request", …}}` becomes `{"type": "http_request", …}`. */
function modernizeTool(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'tool')
    return value;
  const data = 'data' in value && typeof value.data === 'object' && value.data !== null ? value.data : {};
  const { tool, ...rest } = { tool: undefined, ...data };
  return { ...value, type: tool ?? 'tool', data: rest };
}

function checkConfiguration(node: z.infer<typeof nodeShape>, context: z.core.$RefinementCtx): void {
  if (!isStepKind(node.type)) return;
  if (node.type === 'agent' && node.data.agent_type === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['data', 'agent_type'],
      message: `node "${node.id}" is an agent and needs an agent_type: ${agentType.options.join(', ')}`,
    });
    return;
  }
  const schema =
    node.type === 'agent' && node.data.agent_type !== undefined
      ? AGENT_CONFIGURATIONS[node.data.agent_type]
      : descriptorOf(node.type).configuration;
  const checked = schema.safeParse(node.data.config);
  for (const issue of checked.success ? [] : checked.error.issues) {
    context.addIssue({
      code: 'custom',
      path: ['data', 'config', ...issue.path],
      message: `node "${node.id}": ${issue.message}`,
    });
  }
  if (descriptorOf(node.type).hasBody === true) checkBody(node.data.config['body'], context);
}

/** Bodies within bodies; the way down to the deepest is that of the definition's own JSON, which is limited. */
function checkBody(value: JsonValue | undefined, context: z.core.$RefinementCtx): void {
  if (!isJsonObject(value)) return;
  const checked = graph.safeParse(value);
  for (const issue of checked.success ? [] : checked.error.issues) {
    context.addIssue({
      code: 'custom',
      path: ['data', 'config', 'body', ...issue.path],
      message: issue.message,
    });
  }
}

export const node = z
  .preprocess(modernizeTool, nodeShape.superRefine(checkConfiguration))
  .meta({ id: 'Node' });
export type Node = z.output<typeof node>;

export const edge = z
  .strictObject({
    id: z.string().min(1).max(128).optional(),
    source: z.string().min(1).max(64),
    target: z.string().min(1).max(64),
    label: label.optional(),
  })
  .meta({ id: 'Edge' });
export type Edge = z.output<typeof edge>;

export const MAX_NODES = 10_000;
export const MAX_EDGES = 30_000;

/** What a body, and an `on_failure`, is made of. */
export const graph = z
  .strictObject({
    nodes: z.array(node).min(1, 'has no nodes').max(MAX_NODES),
    edges: z.array(edge).max(MAX_EDGES).default([]),
  })
  .meta({ id: 'Graph' });
export type GraphDefinition = z.output<typeof graph>;

/** The graph inside a node, with every default filled in; undefined for kinds without. The node has been checked. */
export function bodyOf(node: Node): GraphDefinition | undefined {
  if (descriptorOf(node.type).hasBody !== true) return undefined;
  return graph.parse(node.data.config['body']);
}

export const onFailure = graph
  .extend({
    timeout_seconds: z
      .number()
      .positive()
      .max(86_400)
      .default(3_600)
      .describe('The execution ends then, whatever is left to do'),
  })
  .meta({ id: 'OnFailure' });

/** Limits on what the model calls of one execution may consume together. */
export const executionBudget = z
  .strictObject({
    max_tokens: z.int().min(1).optional(),
    max_cost_usd: z.number().positive().optional(),
  })
  .meta({ id: 'ExecutionBudget' });

export const workflowMetadata = z
  .looseObject({ tags: z.array(z.string().min(1).max(100)).max(50).optional() })
  .meta({ id: 'WorkflowMetadata' });

/** The part of a definition that decides what an execution does. Nothing else makes a new version. */
export const graphFields = {
  nodes: z.array(node).max(MAX_NODES),
  edges: z.array(edge).max(MAX_EDGES).default([]),
  parameters_schema: jsonObject.optional().describe('JSON Schema that parameters must satisfy'),
  timeout_seconds: z.number().positive().max(31_536_000).optional(),
  on_failure: onFailure
    .optional()
    .describe('Runs when the execution fails or times out; its expressions see `failure`'),
  budget: executionBudget.optional(),
};

export const uiState = z
  .strictObject({
    notes: z.array(jsonObject).max(1_000).optional(),
    groups: z.array(jsonObject).max(1_000).optional(),
    viewport: jsonObject.optional(),
  })
  .meta({ id: 'UiState' });

export const definition = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    description: z.string().max(10_000).default(''),
    ...graphFields,
    metadata: workflowMetadata.default({}),
    ui: uiState.optional(),
  })
  .meta({ id: 'Definition' });

/** A checked definition with every default filled in. Structure (cycles, edges to nowhere) is the engine's to check. */
export type Definition = z.output<typeof definition>;
export type DefinitionInput = z.input<typeof definition>;

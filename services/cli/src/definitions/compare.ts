import { isDeepStrictEqual } from 'node:util';
import {
  createWorkflowRequest,
  type CreateWorkflowRequest,
  type WorkflowResource,
} from '@millrace/contracts';

/**
 * True when publishing the definition would change nothing. Both sides are compared with their defaults filled in; an
 * edge id or owner that the file does not give is the server's own. False, to be safe, for what does not parse.
 */
export function isUnchanged(definition: unknown, workflow: WorkflowResource): boolean {
  const wanted = createWorkflowRequest.safeParse(definition);
  if (!wanted.success) return false;
  const present = createWorkflowRequest.safeParse(definitionOf(workflow));
  if (!present.success) return false;
  if (wanted.data.owner !== undefined && wanted.data.owner !== workflow.owner) return false;
  return isDeepStrictEqual(comparable(wanted.data, wanted.data), comparable(present.data, wanted.data));
}

/** What the server fills in, as it stands in a node's data. */
const DATA_DEFAULTS: Readonly<Record<string, unknown>> = { on_error: 'fail', join: 'all', disabled: false };

/** The definition for a person to edit: without the defaults that every node would repeat. Applies like the whole. */
export function tersely(workflow: WorkflowResource): Record<string, unknown> {
  const nodes = workflow.nodes.map(({ data, position, ...node }) => {
    const kept = Object.entries(data).filter(([key, value]) => DATA_DEFAULTS[key] !== value);
    const atOrigin = position.x === 0 && position.y === 0;
    return { ...node, ...(atOrigin ? {} : { position }), data: Object.fromEntries(kept) };
  });
  const definition: Record<string, unknown> = { ...definitionOf(workflow), nodes };
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== ''));
}

/** The part of the resource that a user writes; applying it again changes nothing. */
export function definitionOf(workflow: WorkflowResource): Record<string, unknown> {
  const {
    id,
    name,
    description,
    nodes,
    edges,
    parameters_schema,
    timeout_seconds,
    on_failure,
    metadata,
    ui,
  } = workflow;
  const definition = {
    id,
    name,
    description,
    nodes,
    edges,
    parameters_schema,
    timeout_seconds,
    on_failure,
    metadata,
    ui,
  };
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined));
}

function comparable(definition: CreateWorkflowRequest, wanted: CreateWorkflowRequest): unknown {
  const { id: _id, owner: _owner, edges, ...rest } = definition;
  const kept = edges.map(({ id, ...edge }, index) =>
    wanted.edges[index]?.id === undefined ? edge : { id, ...edge },
  );
  // Through JSON, so that a key that is undefined equals one that is missing.
  const plain: unknown = JSON.parse(JSON.stringify({ ...rest, edges: kept }));
  return plain;
}

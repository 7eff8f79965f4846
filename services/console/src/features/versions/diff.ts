import { isJsonObject, type Edge, type JsonObject, type JsonValue, type Node } from '@millrace/contracts';
import { titleOf } from '@/features/canvas/describe';
import { edgeKey } from '@/features/canvas/graph';
import type { Mark } from '@/features/canvas/flow-types';

/** A field that differs, by its way. `undefined` is not there. */
export interface FieldChange {
  readonly path: string;
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

export interface VersionChange {
  readonly key: string;
  readonly what: 'step' | 'edge' | 'workflow';
  /** Of a step its id, of an edge its key on the canvas. */
  readonly id: string;
  readonly mark: Mark;
  readonly title: string;
  readonly fields: readonly FieldChange[];
}

/** What of a version is compared. */
export interface Comparable {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** Of the workflow as a whole; where things stand on the canvas is no change. */
const WORKFLOW_FIELDS = [
  'name',
  'description',
  'parameters_schema',
  'timeout_seconds',
  'on_failure',
  'budget',
  'metadata',
];

/** What became of one version in another: steps first, then edges, then the workflow's own fields. */
export function diffVersions(from: Comparable & object, to: Comparable & object): VersionChange[] {
  return [...stepChanges(from.nodes, to.nodes), ...edgeChanges(from, to), ...workflowChanges(from, to)];
}

function stepChanges(from: readonly Node[], to: readonly Node[]): VersionChange[] {
  const before = new Map(from.map((node) => [node.id, node]));
  const after = new Map(to.map((node) => [node.id, node]));
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((id): VersionChange[] => {
    const old = before.get(id);
    const now = after.get(id);
    const shown = now ?? old;
    if (shown === undefined) return [];
    const fields = fieldChanges(comparableNode(old), comparableNode(now));
    if (fields.length === 0) return [];
    return [{ key: `step/${id}`, what: 'step', id, mark: markOf(old, now), title: titleOf(shown), fields }];
  });
}

/** As JSON, without its place. */
function comparableNode(node: Node | undefined): JsonValue | undefined {
  if (node === undefined) return undefined;
  const { id: _id, position: _position, ...rest } = node;
  return asJson(rest);
}

/** Edges are known by their ends and label: which id they have says nothing. */
function edgeChanges(from: Comparable, to: Comparable): VersionChange[] {
  const meaning = ({ source, target, label = '' }: Edge): string => `${source}>${target}>${label}`;
  const before = new Map(from.edges.map((edge) => [meaning(edge), edge]));
  const after = new Map(to.edges.map((edge) => [meaning(edge), edge]));
  const titles = new Map([...from.nodes, ...to.nodes].map((node) => [node.id, titleOf(node)]));
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key): VersionChange[] => {
    const old = before.get(key);
    const now = after.get(key);
    const edge = now ?? old;
    if (edge === undefined || (old && now)) return [];
    const label = edge.label === undefined || edge.label === '' ? '' : ` (${edge.label})`;
    const title = `${titles.get(edge.source) ?? edge.source} → ${titles.get(edge.target) ?? edge.target}${label}`;
    return [
      { key: `edge/${key}`, what: 'edge', id: edgeKey(edge), mark: markOf(old, now), title, fields: [] },
    ];
  });
}

function workflowChanges(from: object, to: object): VersionChange[] {
  const pick = (version: object): JsonObject => {
    const found = asJson(
      Object.fromEntries(Object.entries(version).filter(([name]) => WORKFLOW_FIELDS.includes(name))),
    );
    return isJsonObject(found) ? found : {};
  };
  const fields = fieldChanges(pick(from), pick(to));
  if (fields.length === 0) return [];
  return [{ key: 'workflow', what: 'workflow', id: '', mark: 'changed', title: 'Workflow settings', fields }];
}

const markOf = (old: unknown, now: unknown): Mark =>
  old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';

const asJson = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

/** Goes into objects; lists and texts are compared as a whole. */
function fieldChanges(before: JsonValue | undefined, after: JsonValue | undefined, path = ''): FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const isInner = (value: JsonValue | undefined): value is JsonObject | undefined =>
    value === undefined || isJsonObject(value);
  if (!isInner(before) || !isInner(after)) return [{ path, before, after }];
  const names = new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})]);
  if (names.size === 0) return [{ path, before, after }];
  return [...names].flatMap((name) =>
    fieldChanges(before?.[name], after?.[name], path === '' ? name : `${path}.${name}`),
  );
}

/** The marks for one of the two canvases: what is not in a version cannot be marked there. */
export function marksFor(changes: readonly VersionChange[], side: 'from' | 'to'): ReadonlyMap<string, Mark> {
  const absent: Mark = side === 'from' ? 'added' : 'removed';
  return new Map(
    changes
      .filter(({ what, mark }) => what !== 'workflow' && mark !== absent)
      .map(({ id, mark }) => [id, mark]),
  );
}

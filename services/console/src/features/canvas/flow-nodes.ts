import type { Node } from '@millrace/contracts';
import { titleOf } from './describe';
import type { AnyNode, Mark, StepFlowEdge } from './flow-types';
import {
  CARD,
  edgeKey,
  edgePort,
  frameAround,
  groupKey,
  noteKey,
  type CanvasGraph,
  type Point,
  type Selection,
} from './graph';
import { identityOfNode } from './identity';
import { Position } from './rf';

/** What cards show beside the document and the run. */
export interface Decorations {
  readonly problems: ReadonlyMap<string, readonly string[]>;
  readonly breakpoints: ReadonlySet<string>;
  /** Of steps by id and of edges by `edgeKey`. */
  readonly marks: ReadonlyMap<string, Mark>;
}

const NO_PROBLEMS: readonly string[] = [];

/** Told beforehand, so that edges can be drawn to cards that are not on the page. */
const HANDLES = [
  { type: 'target', position: Position.Left, x: -5, y: CARD.height / 2 - 5, width: 10, height: 10 },
  {
    type: 'source',
    position: Position.Right,
    x: CARD.width - 5,
    y: CARD.height / 2 - 5,
    width: 10,
    height: 10,
  },
] as const;

type Made = readonly [node: AnyNode, ...from: unknown[]];

/**
 * Makes React Flow's nodes, and gives back the very object of the last time where nothing about it has changed: React
 * Flow and React then leave that card alone. `moved` are places under way in a gesture that has not ended.
 */
export function createFlowNodes() {
  let before = new Map<string, Made>();

  return (
    graph: CanvasGraph,
    selection: Selection,
    { problems, breakpoints, marks }: Decorations,
    moved: ReadonlyMap<string, Point>,
  ): AnyNode[] => {
    const made = new Map<string, Made>();
    const add = (key: string, from: readonly unknown[], make: () => AnyNode): void => {
      const last = before.get(key);
      const isSame = last !== undefined && from.every((value, at) => Object.is(value, last[at + 1]));
      made.set(key, isSame ? last : [make(), ...from]);
    };
    const places = new Map(graph.nodes.map((node) => [node.id, moved.get(node.id) ?? node.position]));

    for (const group of graph.groups ?? []) {
      const rect = frameAround(group.nodes.flatMap((id) => places.get(id) ?? []));
      if (rect === undefined) continue;
      const key = groupKey(group.id);
      const selected = selection.nodes.has(key);
      add(key, [group, rect.x, rect.y, rect.width, rect.height, selected], () => ({
        id: key,
        type: 'group',
        position: { x: rect.x, y: rect.y },
        ...sized(rect.width, rect.height),
        data: { group },
        selected,
        zIndex: -2,
        connectable: false,
        dragHandle: '.canvas-group-title',
        className: 'pointer-events-none!',
        ariaLabel: `Group ${group.label}`,
      }));
    }
    for (const note of graph.notes ?? []) {
      const key = noteKey(note.id);
      const selected = selection.nodes.has(key);
      const { x, y } = moved.get(key) ?? note;
      add(key, [note, x, y, selected], () => ({
        id: key,
        type: 'note',
        position: { x, y },
        ...sized(note.width, note.height),
        data: { note },
        selected,
        zIndex: -1,
        connectable: false,
        ariaLabel: `Note: ${note.text}`,
      }));
    }
    for (const node of graph.nodes) {
      const selected = selection.nodes.has(node.id);
      const position = places.get(node.id) ?? node.position;
      const found = problems.get(node.id) ?? NO_PROBLEMS;
      const hasBreakpoint = breakpoints.has(node.id);
      const mark = marks.get(node.id);
      add(node.id, [node, position.x, position.y, selected, found, hasBreakpoint, mark], () => ({
        id: node.id,
        type: 'step',
        position,
        ...sized(CARD.width, CARD.height),
        handles: [...HANDLES],
        data: { node, problems: found, hasBreakpoint, mark },
        selected,
        ariaLabel: spokenName(node),
      }));
    }
    before = made;
    return [...made.values()].map(([node]) => node);
  };
}

const sized = (width: number, height: number) => ({ width, height, measured: { width, height } });

const spokenName = (node: Node): string => `${titleOf(node)}, ${identityOfNode(node).title}`;

/** As `createFlowNodes`, for the edges. */
export function createFlowEdges() {
  let before = new Map<string, readonly [made: StepFlowEdge, ...from: unknown[]]>();

  return (graph: CanvasGraph, selection: Selection, marks: Decorations['marks']): StepFlowEdge[] => {
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    const made: typeof before = new Map();
    for (const edge of graph.edges) {
      const source = nodes.get(edge.source);
      const target = nodes.get(edge.target);
      if (source === undefined || target === undefined) continue;
      const key = edgeKey(edge);
      const selected = selection.edges.has(key);
      const port = edgePort(edge, source);
      const mark = marks.get(key);
      const names = `${titleOf(source)} to ${titleOf(target)}`;
      const from = [edge, selected, port, mark, names];
      const last = before.get(key);
      if (last !== undefined && from.every((value, at) => Object.is(value, last[at + 1]))) {
        made.set(key, last);
        continue;
      }
      const ariaLabel = `From ${names}${edge.label === undefined ? '' : `, ${edge.label}`}`;
      const flow: StepFlowEdge = {
        id: key,
        type: 'step',
        source: edge.source,
        target: edge.target,
        data: { edge, port, mark },
        selected,
        ariaLabel,
      };
      made.set(key, [flow, ...from]);
    }
    before = made;
    return [...made.values()].map(([edge]) => edge);
  };
}

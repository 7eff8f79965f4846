import * as z from 'zod';
import { annotationsOf, type Annotations, type Note } from '@/features/canvas/annotations';
import type { Point } from '@/features/canvas/graph';
import type { Command } from './command';
import type { BuilderDocument, StepGraph } from './document';
import { freshId, stepIds } from './ids';
import { bodyGraph, readGraph } from './read';
import { withNewIds } from './references';
import { graphAt, hasBody, scopeName, type Scope } from './scope';

/** A part of a workflow as text, for the clipboard. Places are relative to the part's top left corner. */
export interface Fragment extends Annotations {
  readonly graph: StepGraph;
}

const KIND = 'millrace-fragment';
const header = z.object({ kind: z.literal(KIND), version: z.literal(1) });

/** These steps with the edges among them, and these notes and groups, as text. Undefined where there are none. */
export function fragmentText(
  document: BuilderDocument,
  scope: Scope,
  chosen: { readonly steps: ReadonlySet<string>; readonly notes: ReadonlySet<string> },
): string | undefined {
  const graph = graphAt(document, scope);
  const annotations = annotationsOf(document.ui);
  const nodes = graph?.nodes.filter(({ id }) => chosen.steps.has(id)) ?? [];
  const notes = annotations.notes.filter(({ id }) => chosen.notes.has(id));
  if (nodes.length === 0 && notes.length === 0) return undefined;
  const edges = graph?.edges.filter(
    ({ source, target }) => chosen.steps.has(source) && chosen.steps.has(target),
  );
  const groups = annotations.groups.filter((group) => group.nodes.every((id) => chosen.steps.has(id)));
  const origin = cornerOf([...nodes.map(({ position }) => position), ...notes]);
  const fragment = {
    kind: KIND,
    version: 1,
    nodes: nodes.map((node) => ({ ...node, position: less(node.position, origin) })),
    edges,
    notes: notes.map(({ scope: _scope, ...note }) => ({ ...note, ...less(note, origin) })),
    groups,
  };
  return JSON.stringify(fragment, null, 2);
}

/** A fragment, or a whole definition, from a text; undefined for any other text. Throws an Error that says what is wrong with it. */
export function readFragment(text: string): Fragment | undefined {
  const json = parsed(text);
  if (typeof json !== 'object' || json === null || !('nodes' in json)) return undefined;
  const isFragment = 'kind' in json && json.kind === KIND;
  if (isFragment && !header.safeParse(json).success)
    throw new Error('What was copied comes from a newer console.');
  const read = readGraph(json);
  if (!read.ok) throw new Error(`What was copied cannot be pasted: ${read.reason}`);
  const held = isFragment ? json : 'ui' in json ? json.ui : undefined;
  const annotations = annotationsOf(z.object({}).loose().optional().catch(undefined).parse(held));
  const origin = cornerOf([...read.graph.nodes.map(({ position }) => position), ...annotations.notes]);
  return {
    graph: {
      ...read.graph,
      nodes: read.graph.nodes.map((node) => ({ ...node, position: less(node.position, origin) })),
    },
    notes: annotations.notes.map((note) => ({ ...note, ...less(note, origin) })),
    groups: annotations.groups,
  };
}

export interface Pasting {
  readonly command: Command;
  /** The ids that the steps and notes have now. */
  readonly steps: readonly string[];
  readonly notes: readonly string[];
}

/** What pastes a fragment with its top left corner at a place: ids that are taken are replaced, here and in what refers to them. */
export function pasting(
  document: BuilderDocument,
  scope: Scope,
  { graph, notes, groups }: Fragment,
  at: Point,
): Pasting {
  const taken = stepIds(document);
  const ids = new Map(idsWithin(graph).map((id) => [id, freshId(id, taken)]));
  const { nodes, edges } = withNewIds(graph, ids);
  const there = graphAt(document, scope);
  const edgeIds = new Set(there?.edges.map(({ id }) => id));
  const annotationIds = takenAnnotations(document);
  const name = scopeName(scope);
  const newNotes = notes.map(({ scope: _scope, ...note }): Note => ({
    ...note,
    ...plus(note, at),
    id: freshId(note.id, annotationIds),
    ...(name !== undefined && { scope: name }),
  }));
  const commands: Command[] = [
    {
      type: 'add',
      scope,
      nodes: nodes.map((node) => ({ ...node, position: plus(node.position, at) })),
      edges: edges.map((edge) => ({ ...edge, id: freshId(edge.id, edgeIds) })),
    },
    ...newNotes.map((note): Command => ({ type: 'put_note', note })),
    ...groups.map((group): Command => ({
      type: 'put_group',
      group: {
        ...group,
        id: freshId(group.id, annotationIds),
        nodes: group.nodes.flatMap((id) => ids.get(id) ?? []),
      },
    })),
  ];
  return {
    command: { type: 'batch', commands },
    steps: nodes.map(({ id }) => id),
    notes: newNotes.map(({ id }) => id),
  };
}

/** Ids of notes and groups, which share one space. */
export function takenAnnotations(document: BuilderDocument): Set<string> {
  const { notes, groups } = annotationsOf(document.ui);
  return new Set([...notes, ...groups].map(({ id }) => id));
}

const idsWithin = ({ nodes }: StepGraph): string[] =>
  nodes.flatMap((node) => [node.id, ...(hasBody(node) ? idsWithin(bodyGraph(node)) : [])]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const cornerOf = (places: readonly Point[]): Point =>
  places.length === 0
    ? { x: 0, y: 0 }
    : { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };

const less = (place: Point, origin: Point): Point => ({ x: place.x - origin.x, y: place.y - origin.y });
const plus = (place: Point, by: Point): Point => ({
  x: Math.round(place.x + by.x),
  y: Math.round(place.y + by.y),
});

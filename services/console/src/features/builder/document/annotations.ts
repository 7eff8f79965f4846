import type { JsonObject } from '@millrace/contracts';
import { annotationsOf, type Annotations, type Group, type Note } from '@/features/canvas/annotations';
import type { Point } from '@/features/canvas/graph';
import type { BuilderDocument } from './document';
import { scopeName, type Scope } from './scope';

/** The notes that hang in one graph, and the groups around steps of it. */
export function annotationsAt(
  document: BuilderDocument,
  scope: Scope,
  stepIds: ReadonlySet<string>,
): Annotations {
  const { notes, groups } = annotationsOf(document.ui);
  return {
    notes: notes.filter((note) => note.scope === scopeName(scope)),
    groups: groups.filter((group) => group.nodes.some((id) => stepIds.has(id))),
  };
}

const json = (value: Note | Group): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

function withAnnotations(
  document: BuilderDocument,
  change: (before: Annotations) => Annotations,
): BuilderDocument {
  const before = annotationsOf(document.ui);
  const after = change(before);
  if (after === before) return document;
  return {
    ...document,
    ui: { ...document.ui, notes: after.notes.map(json), groups: after.groups.map(json) },
  };
}

const put = <T extends { readonly id: string }>(items: readonly T[], item: T): T[] =>
  items.some(({ id }) => id === item.id)
    ? items.map((one) => (one.id === item.id ? item : one))
    : [...items, item];

export const putNote = (document: BuilderDocument, note: Note): BuilderDocument =>
  withAnnotations(document, (before) => ({ ...before, notes: put(before.notes, note) }));

export const putGroup = (document: BuilderDocument, group: Group): BuilderDocument =>
  withAnnotations(document, (before) => ({ ...before, groups: put(before.groups, group) }));

export function removeAnnotations(
  document: BuilderDocument,
  notes: readonly string[],
  groups: readonly string[],
): BuilderDocument {
  if (notes.length === 0 && groups.length === 0) return document;
  return withAnnotations(document, (before) => ({
    notes: before.notes.filter(({ id }) => !notes.includes(id)),
    groups: before.groups.filter(({ id }) => !groups.includes(id)),
  }));
}

export function moveNotes(document: BuilderDocument, moves: ReadonlyMap<string, Point>): BuilderDocument {
  if (moves.size === 0) return document;
  return withAnnotations(document, (before) => ({
    ...before,
    notes: before.notes.map((note) => ({ ...note, ...moves.get(note.id) })),
  }));
}

/** Takes steps out of their groups, and away the groups that are left empty. */
export function withoutSteps(document: BuilderDocument, steps: readonly string[]): BuilderDocument {
  const { groups } = annotationsOf(document.ui);
  if (!groups.some(({ nodes }) => nodes.some((id) => steps.includes(id)))) return document;
  return withAnnotations(document, (before) => ({
    ...before,
    groups: before.groups
      .map((group) => ({ ...group, nodes: group.nodes.filter((id) => !steps.includes(id)) }))
      .filter(({ nodes }) => nodes.length > 0),
  }));
}

export function renameInGroups(document: BuilderDocument, from: string, to: string): BuilderDocument {
  const { groups } = annotationsOf(document.ui);
  if (!groups.some(({ nodes }) => nodes.includes(from))) return document;
  return withAnnotations(document, (before) => ({
    ...before,
    groups: before.groups.map((group) => ({
      ...group,
      nodes: group.nodes.map((id) => (id === from ? to : id)),
    })),
  }));
}

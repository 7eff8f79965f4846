import {
  groupKey,
  keyedId,
  noteKey,
  type Note,
  type Point,
  type Selection,
  type Size,
} from '@/features/canvas';
import { tidy as arranged } from '@/features/canvas/tidy';
import { toast, toastError } from '@/components/toast';
import { plural } from '@/lib/format';
import type { Command } from '../document/command';
import { fragmentText, pasting, readFragment, takenAnnotations } from '../document/fragment';
import { freshId } from '../document/ids';
import { graphAt, scopeName } from '../document/scope';
import { shownGraph } from '../selectors';
import { dispatch, select, selectSteps, undo, useBuilder } from '../store';
import { canvas } from '../view';
import { freePlace } from './placing';

/** What a person does to what is selected. Each is one step of undo, and nothing where there is nothing to do it to. */

const state = () => useBuilder.getState();

interface Parts {
  readonly steps: string[];
  readonly notes: string[];
  readonly groups: string[];
}

/** The selection by what it is made of; a selected group stands for its steps too where `withMembers`. */
function parts({ nodes }: Selection): Parts {
  const keys = [...nodes];
  return {
    steps: keys.filter((key) => !key.includes(':')),
    notes: keys.flatMap((key) => keyedId('note', key) ?? []),
    groups: keys.flatMap((key) => keyedId('group', key) ?? []),
  };
}

/** The note that is selected alone. */
export function selectedNote(): string | undefined {
  const { selection } = state();
  const { notes } = parts(selection);
  return selection.nodes.size + selection.edges.size === 1 ? notes[0] : undefined;
}

export const selectedSteps = (): string[] => parts(state().selection).steps;

export function selectAll(): void {
  const { nodes, edges } = shownGraph(state());
  select({ nodes: new Set(nodes.map(({ id }) => id)), edges: new Set(edges.map(({ id }) => id)) });
}

export function removeSelected(): void {
  const { selection, scope } = state();
  const { steps, notes, groups } = parts(selection);
  const commands: Command[] = [
    { type: 'remove', scope, nodes: steps, edges: [...selection.edges] },
    { type: 'remove_annotations', notes, groups },
  ];
  dispatch({ type: 'batch', commands });
  if (steps.length > 1)
    toast({ title: `${plural(steps.length, 'step')} deleted`, action: { label: 'Undo', onSelect: undo } });
}

/** Off where any of them is on, otherwise on again. */
export function toggleDisabled(): void {
  const ids = new Set(selectedSteps());
  const chosen = shownGraph(state()).nodes.filter(({ id }) => ids.has(id));
  const disabled = chosen.some(({ data }) => !data.disabled);
  dispatch({
    type: 'batch',
    commands: chosen.map(({ id }): Command => ({ type: 'update_step', id, change: { disabled } })),
  });
}

/** The selection as text for the clipboard; undefined where nothing of it can be copied. */
export function copiedText(): string | undefined {
  const { document, scope, selection } = state();
  const { steps, notes } = parts(selection);
  return fragmentText(document, scope, { steps: new Set(steps), notes: new Set(notes) });
}

/** Pastes a fragment or a whole definition. Says what is wrong with one; leaves any other text alone. */
export function pasteText(text: string, at?: Point): void {
  try {
    const fragment = readFragment(text);
    if (!fragment) return;
    const { document, scope } = state();
    const place = at ?? canvas()?.center() ?? { x: 0, y: 0 };
    const { command, steps, notes } = pasting(document, scope, fragment, clear(place));
    dispatch(command);
    const pasted = [...steps, ...notes.map(noteKey)];
    select({ nodes: new Set(pasted), edges: new Set() });
    requestAnimationFrame(() => pasted.slice(0, 1).forEach((key) => canvas()?.focus(key)));
  } catch (error) {
    toastError('Could not paste', error);
  }
}

const OFFSET = 40;

/** A place whose corner no step has already, so that what is pasted twice can be seen twice. */
function clear({ x, y }: Point): Point {
  const corners = new Set(shownGraph(state()).nodes.map(({ position }) => `${position.x}/${position.y}`));
  let place = { x: Math.round(x), y: Math.round(y) };
  while (corners.has(`${place.x}/${place.y}`)) place = { x: place.x + OFFSET, y: place.y + OFFSET };
  return place;
}

export function duplicate(): void {
  const { document, selection } = state();
  const text = copiedText();
  if (text === undefined) return;
  const { steps, notes } = parts(selection);
  const places = [
    ...shownGraph(state())
      .nodes.filter(({ id }) => steps.includes(id))
      .map(({ position }) => position),
    ...notesIn(document, notes),
  ];
  const corner = { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
  pasteText(text, { x: corner.x + OFFSET, y: corner.y + OFFSET });
}

function notesIn({ ui }: ReturnType<typeof state>['document'], ids: readonly string[]): Point[] {
  return (ui?.notes ?? []).flatMap(({ id, x, y }) =>
    typeof id === 'string' && ids.includes(id) && typeof x === 'number' && typeof y === 'number'
      ? [{ x, y }]
      : [],
  );
}

export function nudge(x: number, y: number): void {
  const { scope } = state();
  const ids = new Set(selectedSteps());
  const moves = new Map(
    shownGraph(state())
      .nodes.filter(({ id }) => ids.has(id))
      .map(({ id, position }) => [id, { x: position.x + x, y: position.y + y }]),
  );
  dispatch({ type: 'move', scope, moves });
}

export async function tidy(): Promise<void> {
  const { scope, document } = state();
  const graph = graphAt(document, scope);
  if (!graph || graph.nodes.length === 0) return;
  try {
    const moves = await arranged(graph);
    dispatch({ type: 'move', scope, moves });
    requestAnimationFrame(() => canvas()?.fit());
  } catch (error) {
    toastError('Could not tidy up', error);
  }
}

const NOTE: Size = { width: 240, height: 120 };

/** An empty note, open to be written. */
export function addNote(at?: Point): void {
  const { document, scope } = state();
  const center = canvas()?.center() ?? { x: 0, y: 0 };
  const name = scopeName(scope);
  const place = at ?? { x: center.x - NOTE.width / 2, y: center.y - NOTE.height / 2 };
  // Notes lie below steps: under one nobody could reach it.
  const { x, y } = freePlace(shownGraph(state()), place, NOTE);
  const note: Note = {
    id: freshId('note', takenAnnotations(document)),
    text: '',
    x: Math.round(x),
    y: Math.round(y),
    ...NOTE,
    ...(name !== undefined && { scope: name }),
  };
  dispatch({ type: 'put_note', note });
  selectSteps([noteKey(note.id)]);
  canvas()?.reveal(noteKey(note.id));
  canvas()?.write(note.id);
}

export function groupSelected(): void {
  const steps = selectedSteps();
  if (steps.length === 0) return;
  const id = freshId('group', takenAnnotations(state().document));
  dispatch({ type: 'put_group', group: { id, label: 'Group', nodes: steps } });
  selectSteps([groupKey(id)]);
}

import { useState } from 'react';
import type { AnyNode } from './flow-types';
import { frameAround, keyedId, type CanvasGraph, type Point } from './graph';
import type { NodeChange } from './rf';

export type Moves = ReadonlyMap<string, Point>;
const NONE: Moves = new Map();

interface Gesture {
  /** Where what is being dragged is now: steps by id, notes by `noteKey`. */
  readonly moved: Moves;
  readonly take: (changes: readonly NodeChange<AnyNode>[]) => void;
  /** Ends the gesture and tells `onMove` the new places, all at once. */
  readonly end: () => void;
}

/** Keeps the places of a drag out of the document until it ends. Who drags a group drags its steps. */
export function useGesture(graph: CanvasGraph, onMove: ((moves: Moves) => void) | undefined): Gesture {
  const [moved, setMoved] = useState<Moves>(NONE);

  const take = (changes: readonly NodeChange<AnyNode>[]): void => {
    const steps = new Map<string, Point>();
    for (const change of changes) {
      if (change.type !== 'position' || change.position === undefined) continue;
      const groupId = keyedId('group', change.id);
      if (groupId === undefined) steps.set(change.id, snapped(change.position));
      else for (const [id, place] of withGroup(graph, groupId, change.position)) steps.set(id, place);
    }
    if (steps.size > 0) setMoved((before) => new Map([...before, ...steps]));
  };
  const end = (): void => {
    if (moved.size === 0) return;
    onMove?.(moved);
    setMoved(NONE);
  };
  return { moved, take, end };
}

/** Where the steps of a group go when its frame goes to `to`. */
function withGroup(graph: CanvasGraph, groupId: string, to: Point): [string, Point][] {
  const group = graph.groups?.find(({ id }) => id === groupId);
  const members = graph.nodes.filter(({ id }) => group?.nodes.includes(id) === true);
  const frame = frameAround(members.map(({ position }) => position));
  if (frame === undefined) return [];
  return members.map(({ id, position }) => [
    id,
    snapped({ x: position.x + to.x - frame.x, y: position.y + to.y - frame.y }),
  ]);
}

/** Whole pixels: a definition with seventeen digits a place is no joy to read. */
const snapped = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });

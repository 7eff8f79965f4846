import { CARD, type Point, type Size } from './graph';
import type { Viewport } from './rf';

/** Below it the words on a card are hard to read. */
const LEGIBLE_ZOOM = 0.6;
const MARGIN = 48;
/** Of the pane, what a graph may fill that is shown whole. */
const FILLED = 0.88;

interface Placed {
  readonly position: Point;
}

/** How a graph is first shown that is too large to be read as a whole: its beginning. Undefined for one that is not. */
export function openingViewport(nodes: readonly Placed[], pane: Size): Viewport | undefined {
  const first = nodes.reduce<Placed | undefined>(
    (leftmost, node) => (leftmost && leftmost.position.x <= node.position.x ? leftmost : node),
    undefined,
  );
  if (first === undefined || pane.width === 0) return undefined;
  const left = first.position.x;
  const right = Math.max(...nodes.map(({ position }) => position.x)) + CARD.width;
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const bottom = Math.max(...nodes.map(({ position }) => position.y)) + CARD.height;
  const isWide = (right - left) * LEGIBLE_ZOOM > pane.width * FILLED;
  const isHigh = (bottom - top) * LEGIBLE_ZOOM > pane.height * FILLED;
  if (!isWide && !isHigh) return undefined;
  const middle = isHigh ? first.position.y + CARD.height / 2 : (top + bottom) / 2;
  return {
    x: MARGIN - left * LEGIBLE_ZOOM,
    y: pane.height / 2 - middle * LEGIBLE_ZOOM,
    zoom: LEGIBLE_ZOOM,
  };
}

import { CARD, type Point } from '@/features/canvas/graph';

const COLUMN = CARD.width + 88;
const ROW = CARD.height + 36;

/** First places for steps that have none: a column for every distance from the beginning. Cycles do no harm. */
export function spread(
  ids: readonly string[],
  edges: readonly { readonly source: string; readonly target: string }[],
): Map<string, Point> {
  const column = new Map(ids.map((id) => [id, 0]));
  // As many rounds as there are steps settle every chain; a cycle would never settle.
  for (let round = 0, hasChanged = true; hasChanged && round < Math.min(ids.length, 500); round += 1) {
    hasChanged = false;
    for (const { source, target } of edges) {
      const from = column.get(source);
      const to = column.get(target);
      if (from === undefined || to === undefined || to > from || from + 1 >= ids.length) continue;
      column.set(target, from + 1);
      hasChanged = true;
    }
  }
  const rows = new Map<number, number>();
  return new Map(
    ids.map((id) => {
      const at = column.get(id) ?? 0;
      const row = rows.get(at) ?? 0;
      rows.set(at, row + 1);
      return [id, { x: at * COLUMN, y: row * ROW }];
    }),
  );
}

import { useEffect, useState } from 'react';
import type { CanvasGraph, Point } from './graph';
import { tidy } from './tidy';

/** False where two steps lie on one another: a workflow that was never drawn, as from the API or a file, has no places. */
export function isPlaced({ nodes }: Pick<CanvasGraph, 'nodes'>): boolean {
  const places = new Set(nodes.map(({ position: { x, y } }) => `${x} ${y}`));
  return places.size === nodes.length;
}

export const placedAt = (graph: CanvasGraph, places: ReadonlyMap<string, Point>): CanvasGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, position: places.get(node.id) ?? node.position })),
});

/** The graph with a place for every step; undefined while places are looked for. What was drawn stays as it was drawn. */
export function usePlaced(graph: CanvasGraph): CanvasGraph | undefined {
  const [found, setFound] = useState<{ of: CanvasGraph; placed: CanvasGraph }>();
  useEffect(() => {
    if (isPlaced(graph)) return;
    let isOver = false;
    const show = (placed: CanvasGraph): void => {
      if (!isOver) setFound({ of: graph, placed });
    };
    tidy(graph).then(
      (places) => show(placedAt(graph, places)),
      // Better one above the other than nothing at all.
      () => show(graph),
    );
    return () => {
      isOver = true;
    };
  }, [graph]);
  if (isPlaced(graph)) return graph;
  return found?.of === graph ? found.placed : undefined;
}

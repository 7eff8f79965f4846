import { useEffect, useState } from 'react';
import { isDrawn, type CanvasGraph, type Point } from './graph';
import { tidy } from './tidy';

export const placedAt = (graph: CanvasGraph, places: ReadonlyMap<string, Point>): CanvasGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, position: places.get(node.id) ?? node.position })),
});

/** The graph with a place for every step; undefined while places are looked for. What was drawn stays as it was drawn. */
export function usePlaced(graph: CanvasGraph): CanvasGraph | undefined {
  const [found, setFound] = useState<{ of: CanvasGraph; placed: CanvasGraph }>();
  useEffect(() => {
    if (isDrawn(graph.nodes)) return;
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
  if (isDrawn(graph.nodes)) return graph;
  return found?.of === graph ? found.placed : undefined;
}

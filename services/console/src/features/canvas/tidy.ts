import type { CanvasGraph, Point } from './graph';
import type { LayoutRequest } from './layout';

/** New places for the steps of a graph, so that edges run from left to right. Rejects where the worker cannot be had. */
export function tidy({ nodes, edges }: CanvasGraph): Promise<ReadonlyMap<string, Point>> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
  const request: LayoutRequest = {
    nodes: nodes.map(({ id }) => id),
    edges: edges.map(({ source, target }) => [source, target]),
  };
  return new Promise<ReadonlyMap<string, Point>>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<[string, Point][]>) => resolve(new Map(data)));
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The steps could not be arranged: ${message}`)),
    );
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

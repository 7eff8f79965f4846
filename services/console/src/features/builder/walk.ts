import type { Node } from '@millrace/contracts';
import type { StepGraph } from './document/document';

export type Direction = 'left' | 'right' | 'up' | 'down';

const distance = (a: Node, b: Node): number =>
  Math.hypot(a.position.x - b.position.x, a.position.y - b.position.y);

const nearest = (from: Node, among: readonly Node[]): Node | undefined =>
  among.toSorted((a, b) => distance(from, a) - distance(from, b))[0];

/**
 * The step that an arrow key leads to: along an edge where one leads that way, otherwise the nearest one that lies there.
 * From nowhere it is the first one.
 */
export function nextStep(
  { nodes, edges }: StepGraph,
  from: string | undefined,
  to: Direction,
): string | undefined {
  const here = nodes.find(({ id }) => id === from);
  if (!here)
    return nodes.toSorted((a, b) => a.position.x - b.position.x || a.position.y - b.position.y)[0]?.id;
  const linked = new Set(
    edges.flatMap(({ source, target }) => {
      if (to === 'right' && source === from) return target;
      if (to === 'left' && target === from) return source;
      return [];
    }),
  );
  const alongEdge = nearest(
    here,
    nodes.filter(({ id }) => linked.has(id)),
  );
  return (
    alongEdge ??
    nearest(
      here,
      nodes.filter((node) => node !== here && liesTo(here, node, to)),
    )
  )?.id;
}

function liesTo(from: Node, other: Node, to: Direction): boolean {
  const x = other.position.x - from.position.x;
  const y = other.position.y - from.position.y;
  switch (to) {
    case 'left':
      return x < 0 && Math.abs(y) <= -x;
    case 'right':
      return x > 0 && Math.abs(y) <= x;
    case 'up':
      return y < 0 && Math.abs(x) <= -y * 4;
    case 'down':
      return y > 0 && Math.abs(x) <= y * 4;
  }
}

/** These steps and all that lead to them, or that they lead to. */
export function reach(
  { edges }: StepGraph,
  from: Iterable<string>,
  to: 'upstream' | 'downstream',
): Set<string> {
  const next = new Map<string, string[]>();
  for (const { source, target } of edges) {
    const [near, far] = to === 'downstream' ? [source, target] : [target, source];
    next.set(near, [...(next.get(near) ?? []), far]);
  }
  const reached = new Set(from);
  const queue = [...reached];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const far of next.get(id) ?? []) {
      if (reached.has(far)) continue;
      reached.add(far);
      queue.push(far);
    }
  }
  return reached;
}

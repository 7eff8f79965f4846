/** Adjacency by position: `targets[i]` are the successors of node i. */
export type Adjacency = readonly (readonly number[])[];

/**
 * Kahn's algorithm, first in first out, so that equals keep the order of the definition. Linear in nodes and edges.
 * Nodes on a cycle or behind one are missing from the answer.
 */
export function topologicalOrder(targets: Adjacency): number[] {
  const waitingFor = new Array<number>(targets.length).fill(0);
  for (const successors of targets)
    for (const target of successors) waitingFor[target] = (waitingFor[target] ?? 0) + 1;
  const order: number[] = [];
  waitingFor.forEach((count, node) => {
    if (count === 0) order.push(node);
  });
  for (let head = 0; head < order.length; head += 1) {
    for (const target of targets[order[head] ?? 0] ?? []) {
      const left = (waitingFor[target] ?? 0) - 1;
      waitingFor[target] = left;
      if (left === 0) order.push(target);
    }
  }
  return order;
}

/**
 * The strongly connected components of two or more nodes: exactly the nodes that lie on a cycle, a component each, in
 * the order of their first node. Tarjan's algorithm with a stack of its own, since 10,000 nodes in a row would
 * overflow the call stack. Self-loops are not reported.
 */
export function cycles(targets: Adjacency): number[][] {
  const count = targets.length;
  const indexOf = new Array<number>(count).fill(-1);
  const low = new Array<number>(count).fill(0);
  const isOnStack = new Array<boolean>(count).fill(false);
  const nextEdge = new Array<number>(count).fill(0);
  const stack: number[] = [];
  const found: number[][] = [];
  let clock = 0;

  const enter = (node: number, path: number[]): void => {
    indexOf[node] = clock;
    low[node] = clock;
    clock += 1;
    stack.push(node);
    isOnStack[node] = true;
    path.push(node);
  };
  const lower = (node: number, value: number): void => {
    if (value < (low[node] ?? 0)) low[node] = value;
  };
  const close = (node: number): void => {
    const component: number[] = [];
    for (;;) {
      const member = stack.pop();
      if (member === undefined) break;
      isOnStack[member] = false;
      component.push(member);
      if (member === node) break;
    }
    if (component.length > 1) found.push(component.sort((a, b) => a - b));
  };

  for (let root = 0; root < count; root += 1) {
    if (indexOf[root] !== -1) continue;
    const path: number[] = [];
    enter(root, path);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = nextEdge[node] ?? 0;
      const target = targets[node]?.[edge];
      if (target === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent, low[node] ?? 0);
        if (low[node] === indexOf[node]) close(node);
        continue;
      }
      nextEdge[node] = edge + 1;
      if (indexOf[target] === -1) enter(target, path);
      else if (isOnStack[target]) lower(node, indexOf[target] ?? 0);
    }
  }
  return found.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/**
 * For each `[node, ancestor]` pair: does a path lead from the ancestor to the node? `order` is a topological order.
 * Thirty-two ancestors share one pass over the edges, so that even a reference from every node to a far one is
 * cheap: edges * distinct ancestors / 32 steps.
 */
export function areUpstream(
  targets: Adjacency,
  order: readonly number[],
  pairs: readonly (readonly [node: number, ancestor: number])[],
): boolean[] {
  const answers = new Array<boolean>(pairs.length).fill(false);
  const byAncestor = new Map<number, number[]>();
  pairs.forEach(([, ancestor], position) => {
    const positions = byAncestor.get(ancestor);
    if (positions) positions.push(position);
    else byAncestor.set(ancestor, [position]);
  });
  const ancestors = [...byAncestor.keys()];
  for (let start = 0; start < ancestors.length; start += 32) {
    const batch = ancestors.slice(start, start + 32);
    const mask = new Int32Array(targets.length);
    const own = new Map(batch.map((ancestor, bit) => [ancestor, 1 << bit]));
    for (const node of order) {
      const passed = (mask[node] ?? 0) | (own.get(node) ?? 0);
      if (passed === 0) continue;
      for (const target of targets[node] ?? []) mask[target] = (mask[target] ?? 0) | passed;
    }
    for (const [ancestor, bit] of own) {
      for (const position of byAncestor.get(ancestor) ?? []) {
        answers[position] = ((mask[pairs[position]?.[0] ?? 0] ?? 0) & bit) !== 0;
      }
    }
  }
  return answers;
}

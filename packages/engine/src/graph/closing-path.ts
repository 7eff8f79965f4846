interface Ends {
  readonly source: string;
  readonly target: string;
}

/**
 * Would an edge from `source` to `target` close a cycle (rule G5), or be one by itself (G4)? Answers the shortest cycle
 * there would be, beginning and ending with `source`, or undefined. Linear in the edges.
 */
export function closingPath(edges: readonly Ends[], source: string, target: string): string[] | undefined {
  if (source === target) return [source, source];
  const successors = new Map<string, string[]>();
  for (const edge of edges) {
    const known = successors.get(edge.source);
    if (known) known.push(edge.target);
    else successors.set(edge.source, [edge.target]);
  }
  const cameFrom = new Map<string, string>([[target, source]]);
  const queue = [target];
  for (let head = 0; head < queue.length; head += 1) {
    const node = queue[head] ?? target;
    for (const next of successors.get(node) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      if (next === source) return pathBack(cameFrom, source);
      queue.push(next);
    }
  }
  return undefined;
}

function pathBack(cameFrom: ReadonlyMap<string, string>, source: string): string[] {
  const path = [source];
  for (let at = cameFrom.get(source); at !== undefined; at = at === source ? undefined : cameFrom.get(at))
    path.unshift(at);
  return path;
}

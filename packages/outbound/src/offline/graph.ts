/** A node of a dependency graph by id. */
export interface GraphNode {
  readonly id: string;
  readonly depends_on: readonly string[];
}

export interface Sorted {
  /** Every node that is on no circle and behind none, dependencies first, otherwise in input order. */
  readonly order: string[];
  /** Nodes grouped by how many steps of dependencies lie before them. */
  readonly levels: string[][];
  /** Ids on one circle in order, empty when there is none. */
  readonly cycle: string[];
}

/** Adds to the list under a key. */
export function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Kahn's algorithm, in input order, linear. Dependencies on unknown ids are ignored. */
export function sortTopologically(nodes: readonly GraphNode[]): Sorted {
  const known = new Set(nodes.map(({ id }) => id));
  const waiting = new Map(
    nodes.map(({ id, depends_on }) => [id, new Set(depends_on.filter((other) => known.has(other)))]),
  );
  const dependents = new Map<string, string[]>();
  for (const [id, befores] of waiting) {
    for (const before of befores) append(dependents, before, id);
  }
  const order: string[] = [];
  const levels: string[][] = [];
  let ready = nodes.filter(({ id }) => waiting.get(id)?.size === 0).map(({ id }) => id);
  while (ready.length > 0) {
    levels.push(ready);
    order.push(...ready);
    const next: string[] = [];
    for (const id of ready) {
      for (const dependent of dependents.get(id) ?? []) {
        const left = waiting.get(dependent);
        left?.delete(id);
        if (left?.size === 0) next.push(dependent);
      }
    }
    ready = next;
  }
  return { order, levels, cycle: order.length === nodes.length ? [] : findCycle(waiting) };
}

/** Every node left by Kahn waits for another one left, so walking backwards must come round. */
function findCycle(waiting: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path = new Set<string>();
  let at = [...waiting].find(([, befores]) => befores.size > 0)?.[0];
  while (at !== undefined && !path.has(at)) {
    path.add(at);
    at = waiting.get(at)?.values().next().value;
  }
  const walked = [...path];
  return at === undefined ? [] : walked.slice(walked.indexOf(at)).reverse();
}

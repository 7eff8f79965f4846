import type { TaskKind } from '../../agents/planning.js';
import { topics } from '../text/words.js';
import type { Item, Relation } from './items.js';

/** The usual order of kinds of work; work of one rank may run side by side. */
const RANK: Readonly<Record<TaskKind, number>> = {
  research: 0,
  coordination: 0,
  design: 1,
  data: 2,
  implementation: 2,
  testing: 3,
  review: 4,
  documentation: 4,
  deployment: 5,
};

export interface Node {
  readonly item: Item;
  readonly kind: TaskKind;
}

function reaches(edges: readonly Set<number>[], from: number, to: number): boolean {
  const stack = [from];
  const seen = new Set<number>();
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    stack.push(...(edges[at] ?? []));
  }
  return false;
}

/** The items of the nearest lower rank; those about the same things where any are, else all of them. */
function predecessorsByKind(nodes: readonly Node[], index: number): number[] {
  const node = nodes[index];
  if (!node) return [];
  const rank = RANK[node.kind];
  const lower = nodes.flatMap((other, at) =>
    RANK[other.kind] < rank ? [{ at, rank: RANK[other.kind], item: other.item }] : [],
  );
  const sameGroup = lower.filter(({ item }) => item.group === node.item.group);
  const pool = sameGroup.length > 0 ? sameGroup : lower;
  const nearest = Math.max(...pool.map((candidate) => candidate.rank));
  const candidates = pool.filter((candidate) => candidate.rank === nearest);
  const own = topics(node.item.title);
  const related = candidates.filter(({ item }) => [...topics(item.title)].some((topic) => own.has(topic)));
  return (related.length > 0 ? related : candidates).map(({ at }) => at);
}

function isPhase(heading: string | null): boolean {
  return (
    heading !== null &&
    /^(?:phase|step|stage|week|sprint|milestone|iteration|part)\b|^\d+[.):]?\s|^[IVX]+\.\s/i.test(heading)
  );
}

/**
 * What each item waits for, by decreasing certainty: what the words state; the previous item of a numbered list or
 * of a "then"; the previous phase where headings are phases; the usual order of kinds for items that say nothing.
 * A relation that would close a circle is left out.
 */
export function dependenciesOf(nodes: readonly Node[], relations: readonly Relation[]): number[][] {
  const edges = nodes.map(() => new Set<number>());
  const add = (after: number, before: number): void => {
    if (after !== before && !reaches(edges, before, after)) edges[after]?.add(before);
  };
  const groups = [...new Set(nodes.map(({ item }) => item.group))];
  const phased = groups.length > 1 && groups.every(isPhase);

  for (const { before, after } of relations) add(after, before);
  nodes.forEach(({ item }, index) => {
    const previous = nodes[index - 1];
    const stated = relations.some(({ after }) => after === index);
    if (item.sequential && previous && !stated && previous.item.group === item.group) add(index, index - 1);
  });
  nodes.forEach(({ item }, index) => {
    if (phased) {
      const before = groups[groups.indexOf(item.group) - 1];
      if (before !== undefined && edges[index]?.size === 0) {
        nodes.forEach((other, at) => {
          const leaf =
            other.item.group === before &&
            !nodes.some((next, n) => next.item.group === before && edges[n]?.has(at));
          if (leaf) add(index, at);
        });
      }
    }
  });
  nodes.forEach((node, index) => {
    const alone = edges[index]?.size === 0 && !(node.item.sequential && index === 0);
    if (alone) for (const before of predecessorsByKind(nodes, index)) add(index, before);
  });
  return edges.map((set) => [...set].sort((a, b) => a - b));
}

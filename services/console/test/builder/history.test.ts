import { describe, expect, it } from 'vitest';
import type { Command } from '@/features/builder/document/command';
import { toJson } from '@/features/builder/document/document';
import { execute, redo, startOf, undo, type History } from '@/features/builder/document/history';
import { graphsOf, ROOT } from '@/features/builder/document/scope';
import { nested, step } from './support/documents';

const run = (history: History, commands: readonly Command[]): History =>
  commands.reduce((current, command, at) => execute(current, command, at * 10_000), history);
const times = (count: number, history: History, change: (history: History) => History): History =>
  Array.from({ length: count }).reduce<History>((current) => change(current), history);

describe('undo and redo', () => {
  it('takes back twenty edits and makes them again', () => {
    const edits = Array.from({ length: 20 }, (_, at): Command => ({
      type: 'move',
      scope: ROOT,
      moves: new Map([['a', { x: at + 1, y: at }]]),
    }));
    const start = startOf(nested());
    const done = run(start, edits);
    const undone = times(20, done, undo);
    const redone = times(20, undone, redo);
    expect(undone.document).toBe(start.document);
    expect(redone.document).toBe(done.document);
    expect(undo(undone)).toBe(undone);
  });

  it('joins a word that is typed, until a pause or another field', () => {
    const type = (label: string): Command => ({
      type: 'update_step',
      id: 'a',
      change: { label },
      typing: true,
    });
    let history = startOf(nested());
    history = execute(history, type('L'), 0);
    history = execute(history, type('Lo'), 300);
    history = execute(history, type('Load'), 600);
    history = execute(history, type('Load it'), 5_000);
    history = execute(history, { type: 'update_step', id: 'a', change: { notes: 'n' }, typing: true }, 5_100);
    expect(history.past).toHaveLength(3);
    expect(undo(undo(history)).document.nodes[0]?.data.label).toBe('Load');
  });

  it('leaves no entry for a command that changes nothing, and forgets what was undone after a new one', () => {
    const edited = execute(startOf(nested()), { type: 'update_workflow', change: { name: 'B' } }, 0);
    const same = execute(edited, { type: 'update_workflow', change: { name: 'B' } }, 1);
    const other = execute(undo(edited), { type: 'update_workflow', change: { name: 'C' } }, 2);
    expect([same.past.length, redo(other).document.name]).toEqual([1, 'C']);
  });
});

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function anyCommand({ document }: History, next: (below: number) => number): Command {
  const graphs = [...graphsOf(document)];
  const [scope, graph] = graphs[next(graphs.length)] ?? [ROOT, { nodes: [], edges: [] }];
  const any = graph.nodes[next(Math.max(1, graph.nodes.length))]?.id ?? 'none';
  const other = graph.nodes[next(Math.max(1, graph.nodes.length))]?.id ?? 'none';
  const fresh = `s${next(1e9)}`;
  const edges = [{ id: `e${next(1e9)}`, source: any, target: other }];
  const choices: (() => Command)[] = [
    () => ({ type: 'add', scope, nodes: [step(fresh)], edges: [{ id: fresh, source: any, target: fresh }] }),
    () => ({ type: 'add', scope, nodes: [], edges }),
    () => ({
      type: 'remove',
      scope,
      nodes: next(3) === 0 ? [any] : [],
      edges: graph.edges.slice(0, 1).map(({ id }) => id),
    }),
    () => ({ type: 'move', scope, moves: new Map([[any, { x: next(99), y: next(99) }]]) }),
    () => ({ type: 'update_step', id: any, change: { label: fresh, disabled: next(2) === 0 } }),
    () => ({ type: 'rename_step', id: any, to: fresh }),
    () => ({
      type: 'label_edge',
      scope,
      id: graph.edges[0]?.id ?? '',
      label: ['', 'error', 'x'][next(3)] ?? '',
    }),
    () => ({ type: 'put_note', note: { id: fresh, text: 'n', x: 0, y: 0, width: 200, height: 80 } }),
    () => ({ type: 'put_group', group: { id: fresh, label: 'g', nodes: [any] } }),
    () => ({ type: 'set_on_failure', enabled: next(2) === 0 }),
  ];
  return choices[next(choices.length)]?.() ?? { type: 'batch', commands: [] };
}

describe('any sequence of commands', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('can be taken back to the beginning and made again (seed %d)', (seed) => {
    const next = random(seed);
    const start = startOf(nested());
    const before = JSON.stringify(toJson(start.document));
    let history = start;
    for (let count = 0; count < 120; count += 1)
      history = execute(history, anyCommand(history, next), count * 10_000);
    const after = JSON.stringify(toJson(history.document));
    const entries = history.past.length;
    const undone = times(entries, history, undo);
    const redone = times(entries, undone, redo);
    expect(JSON.stringify(toJson(undone.document))).toBe(before);
    expect(JSON.stringify(toJson(redone.document))).toBe(after);
    const ids = [...graphsOf(history.document)].flatMap(([, { nodes }]) => nodes.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

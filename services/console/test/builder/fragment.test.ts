import { checkDefinition } from '@millrace/engine';
import { describe, expect, it } from 'vitest';
import { apply } from '@/features/builder/document/apply';
import { connectionRefusal, freePorts, newEdge } from '@/features/builder/document/connect';
import { toJson } from '@/features/builder/document/document';
import { fragmentText, pasting, readFragment } from '@/features/builder/document/fragment';
import { stepIds } from '@/features/builder/document/ids';
import { graphAt, ROOT } from '@/features/builder/document/scope';
import { documentOf, nested, stepJson } from './support/documents';

function copied(steps: string[]) {
  const text = fragmentText(nested(), ROOT, { steps: new Set(steps), notes: new Set() });
  const fragment = readFragment(text ?? '');
  if (!fragment) throw new Error('nothing was copied');
  return fragment;
}

describe('the clipboard', () => {
  it('keeps ids, edges and relative places in a workflow that has room for them', () => {
    const other = documentOf({ nodes: [], edges: [] });
    const after = apply(other, pasting(other, ROOT, copied(['a', 'b']), { x: 100, y: 50 }).command);
    expect(after.nodes.map(({ id, position }) => [id, position.x])).toEqual([
      ['a', 100],
      ['b', 500],
    ]);
    expect(after.edges).toMatchObject([{ source: 'a', target: 'b' }]);
  });

  it('gives new ids where they are taken, in bodies and expressions too', () => {
    const document = nested();
    const { command, steps } = pasting(document, ROOT, copied(['a', 'b']), { x: 0, y: 200 });
    const after = apply(document, command);
    expect(steps).toEqual(['a_2', 'b_2']);
    expect([...stepIds(after)]).toEqual(expect.arrayContaining(['c_2', 'd_2']));
    expect(JSON.stringify(graphAt(after, ['b_2']))).toContain('=steps.c_2.output');
    expect(checkDefinition(toJson(after)).problems.filter(({ severity }) => severity === 'error')).toEqual(
      [],
    );
  });

  it('takes a whole definition, and leaves other texts alone', () => {
    expect(readFragment(JSON.stringify(toJson(nested())))?.graph.nodes).toHaveLength(2);
    expect(readFragment('hello')).toBeUndefined();
    expect(readFragment('{"a":1}')).toBeUndefined();
  });

  it('says what is wrong with a fragment', () => {
    expect(() => readFragment('{"kind":"millrace-fragment","version":2,"nodes":[]}')).toThrow(/newer/);
    expect(() => readFragment('{"nodes":[{"id":"a","type":"teleport"}]}')).toThrow(/nodes\.0\.type/);
  });
});

describe('connections', () => {
  const graph = () =>
    graphAt(
      documentOf({
        nodes: [
          stepJson('a'),
          stepJson('b'),
          stepJson('c'),
          { id: 'if', type: 'condition', data: { config: { expression: 'true' } } },
        ],
        edges: [
          { source: 'a', target: 'b' },
          { source: 'b', target: 'c' },
          { source: 'if', target: 'a', label: 'true' },
        ],
      }),
      ROOT,
    ) ?? { nodes: [], edges: [] };

  it.each([
    ['c', 'a', 'This would close a cycle: c → a → b → c'],
    ['a', 'a', 'A step cannot lead to itself.'],
    ['a', 'b', 'a leads to b already.'],
    ['a', 'c', undefined],
    ['if', 'a', undefined],
  ])('from %s to %s', (source, target, reason) => {
    expect(connectionRefusal(graph(), source, target)).toBe(reason);
  });

  it('know which ports are left', () => {
    expect(freePorts(graph(), 'if', 'a')).toEqual(['false', 'error']);
    expect(freePorts(graph(), 'a', 'c')).toEqual(['', 'error']);
  });

  it('get an id of their own', () => {
    expect(newEdge(graph(), 'a', 'c')).toEqual({ id: 'edge_4', source: 'a', target: 'c' });
  });
});

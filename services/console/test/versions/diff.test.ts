import { checkDefinition } from '@millrace/engine';
import { describe, expect, it } from 'vitest';
import { diffVersions, marksFor } from '@/features/versions/diff';
import { diffLines } from '@/features/versions/line-diff';

const step = (id: string, value: number, x = 0) => ({
  id,
  type: 'set',
  position: { x, y: 0 },
  data: { config: { values: { value } } },
});

function version(nodes: object[], edges: object[] = [], more: object = {}) {
  const { definition } = checkDefinition({ name: 'Orders', nodes, edges, ...more });
  if (!definition) throw new Error('no definition');
  return definition;
}

describe('the differences of two versions', () => {
  it('are steps and edges that came, went or changed', () => {
    const from = version([step('a', 1), step('b', 1)], [{ id: 'x', source: 'a', target: 'b' }]);
    const to = version([step('a', 2), step('c', 1)], [{ id: 'y', source: 'a', target: 'c' }]);
    const changes = diffVersions(from, to);
    expect(changes.map(({ what, id, mark }) => [what, id, mark])).toEqual([
      ['step', 'a', 'changed'],
      ['step', 'c', 'added'],
      ['step', 'b', 'removed'],
      ['edge', 'y', 'added'],
      ['edge', 'x', 'removed'],
    ]);
    expect(changes[0]?.fields).toEqual([{ path: 'data.config.values.value', before: 1, after: 2 }]);
    expect([...marksFor(changes, 'from').keys()]).toEqual(['a', 'b', 'x']);
    expect([...marksFor(changes, 'to').keys()]).toEqual(['a', 'c', 'y']);
  });

  it('are none where only places and ids of edges differ', () => {
    const from = version([step('a', 1), step('b', 1)], [{ id: 'x', source: 'a', target: 'b' }]);
    const to = version([step('a', 1, 500), step('b', 1)], [{ id: 'y', source: 'a', target: 'b' }], {
      ui: { viewport: {} },
    });
    expect(diffVersions(from, to)).toEqual([]);
  });

  it('include what the workflow itself says', () => {
    const [change] = diffVersions(
      version([step('a', 1)]),
      version([step('a', 1)], [], { timeout_seconds: 5 }),
    );
    expect(change).toMatchObject({
      what: 'workflow',
      fields: [{ path: 'timeout_seconds', before: undefined, after: 5 }],
    });
  });

  it('of a text are lines', () => {
    expect(diffLines('one\ntwo\nthree', 'one\n2\nthree')).toEqual([
      { kind: 'same', text: 'one' },
      { kind: 'removed', text: 'two' },
      { kind: 'added', text: '2' },
      { kind: 'same', text: 'three' },
    ]);
    expect(diffLines('', 'new')).toEqual([{ kind: 'added', text: 'new' }]);
  });
});

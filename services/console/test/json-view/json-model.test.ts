import type { JsonValue } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { expressionOf, pointerOf } from '@/components/json-view/path';
import { GROUP_SIZE, idsAround, rowsOf } from '@/components/json-view/rows';
import { findMatches, MAX_MATCHES } from '@/components/json-view/search';

const all = (value: JsonValue, text: string) => {
  const work = findMatches(value, text);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

describe('paths', () => {
  it('read as an expression of a workflow does', () => {
    expect(expressionOf('steps.load.output', ['rows', 3, 'order id'])).toBe(
      'steps.load.output.rows[3].`order id`',
    );
    expect([expressionOf('', []), expressionOf('', ['a', 0])]).toEqual(['$', 'a[0]']);
  });
  it('are told apart whatever the names hold', () => {
    expect(pointerOf(['a/b', 0])).not.toBe(pointerOf(['a', 'b', 0]));
  });
});

describe('rowsOf', () => {
  it('opens the first levels of a small value', () => {
    const rows = rowsOf({ user: { name: 'Ada', tags: ['x'] } }, new Map());
    expect(rows.map(({ name, depth, open }) => [name, depth, open])).toEqual([
      [undefined, 0, true],
      ['user', 1, true],
      ['name', 2, false],
      ['tags', 2, false],
    ]);
  });
  it('parts the members of a large list into groups and opens none of them', () => {
    const rows = rowsOf(
      Array.from({ length: 2_500 }, (_, index) => index),
      new Map(),
    );
    expect(rows.map(({ group }) => group)).toEqual([
      undefined,
      { from: 0, to: 1_000 },
      { from: 1_000, to: 2_000 },
      { from: 2_000, to: 2_500 },
    ]);
  });
  it('shows few lines of millions of members', () => {
    const rows = rowsOf(new Array<number>(2_000_000).fill(1), new Map());
    expect(rows.length).toBeLessThanOrEqual(GROUP_SIZE + 1);
  });
  it('shows a member far inside once what is around it is open', () => {
    const value = { list: Array.from({ length: 5_000 }, (_, index) => ({ index })) };
    const path = ['list', 4_321, 'index'];
    const open = new Map(idsAround(value, path).map((id) => [id, true]));
    expect(rowsOf(value, open).some(({ id }) => id === pointerOf(path))).toBe(true);
  });
});

describe('findMatches', () => {
  it('finds names and values, whatever their case, in the order of the tree', () => {
    expect(all({ Total: 12, lines: [{ total: 'none' }, 'TOTALLY'] }, 'total')).toEqual([
      ['Total'],
      ['lines', 0, 'total'],
      ['lines', 1],
    ]);
  });
  it('stops at what nobody would walk through, and in between', () => {
    const value = Array.from({ length: 20_000 }, () => 'same');
    const work = findMatches(value, 'missing');
    expect(work.next().done).toBe(false);
    expect(all(value, 'same')).toHaveLength(MAX_MATCHES);
  });
});

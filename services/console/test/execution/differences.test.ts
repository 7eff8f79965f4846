import { describe, expect, it } from 'vitest';
import { differencesOf } from '@/features/execution/compare/differences';
import { pairsOf } from '@/features/execution/compare/pairs';
import { recording } from './recorded';

describe('differencesOf', () => {
  it('names what was added, removed and changed by its path', () => {
    const found = differencesOf({ a: 1, b: 'x', list: [1, 2] }, { a: 2, c: true, list: [1, 2, 3] });
    expect(found.map(({ path, kind, before, after }) => [path, kind, before, after])).toEqual(
      expect.arrayContaining([
        ['a', 'changed', 1, 2],
        ['b', 'removed', 'x', undefined],
        ['c', 'added', undefined, true],
        ['list[2]', 'added', undefined, 3],
      ]),
    );
    expect(found).toHaveLength(4);
  });
  it('knows items by their id, wherever they stand', () => {
    const found = differencesOf(
      [
        { id: 1, n: 'one' },
        { id: 2, n: 'two' },
      ],
      [
        { id: 2, n: 'two' },
        { id: 1, n: 'uno' },
      ],
    );
    expect(found.filter(({ kind }) => kind === 'changed').map(({ after }) => after)).toEqual(['uno']);
    expect(found.some(({ kind }) => kind === 'added' || kind === 'removed')).toBe(false);
  });
  it('finds nothing between equals, and all where one is missing', () => {
    expect(differencesOf({ a: [1] }, { a: [1] })).toEqual([]);
    expect(differencesOf(undefined, 5)).toEqual([{ path: '$', kind: 'added', before: undefined, after: 5 }]);
  });
});

describe('pairsOf', () => {
  it('sets the steps of two executions beside each other', () => {
    const pairs = pairsOf(recording('completed').steps, recording('rerun').steps);
    const ask = pairs.find(({ stepId }) => stepId === 'ask');
    expect([ask?.a?.status, ask?.b?.status, ask?.isStatusChanged]).toEqual(['completed', 'waiting', true]);
  });
});

import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { mergeDefinitions } from '@/features/builder/saving/merge';

const node = (id: string, url: string, x = 0): JsonObject => ({
  id,
  type: 'http_request',
  position: { x, y: 0 },
  data: { config: { url, method: 'GET' } },
});
const edge = (id: string, source: string, target: string): JsonObject => ({ id, source, target });
const definition = (nodes: JsonObject[], edges: JsonObject[] = [], more: JsonObject = {}): JsonObject => ({
  name: 'Orders',
  nodes,
  edges,
  ...more,
});

describe('merging two edits', () => {
  const base = definition([node('a', 'https://a'), node('b', 'https://b')], [edge('e', 'a', 'b')]);

  it('keeps what each side changed, on different steps and within one', () => {
    const mine = definition([node('a', 'https://mine'), node('b', 'https://b')], [edge('e', 'a', 'b')]);
    const theirs = definition(
      [node('a', 'https://a'), node('b', 'https://b'), node('c', 'https://c')],
      [edge('e', 'a', 'b'), edge('f', 'b', 'c')],
      { name: 'All orders' },
    );
    const { definition: merged, conflicts } = mergeDefinitions(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged).toEqual(
      definition(
        [node('a', 'https://mine'), node('b', 'https://b'), node('c', 'https://c')],
        [edge('e', 'a', 'b'), edge('f', 'b', 'c')],
        { name: 'All orders' },
      ),
    );
  });

  it('says where both changed one field, and keeps mine meanwhile', () => {
    const mine = definition([node('a', 'https://mine'), node('b', 'https://b')]);
    const theirs = definition([node('a', 'https://theirs'), node('b', 'https://b')]);
    const { definition: merged, conflicts } = mergeDefinitions(
      definition([node('a', 'https://a'), node('b', 'https://b')]),
      mine,
      theirs,
    );
    expect(conflicts).toEqual([
      { path: ['nodes', 'a', 'data', 'config', 'url'], mine: 'https://mine', theirs: 'https://theirs' },
    ]);
    expect(merged).toEqual(mine);
  });

  it('asks nobody about places', () => {
    const mine = definition([node('a', 'https://a', 10), node('b', 'https://b')], [edge('e', 'a', 'b')]);
    const theirs = definition([node('a', 'https://a', 20), node('b', 'https://b')], [edge('e', 'a', 'b')]);
    expect(mergeDefinitions(base, mine, theirs)).toEqual({ definition: mine, conflicts: [] });
  });

  it('takes away what one side took away and the other left alone', () => {
    const theirs = definition([node('a', 'https://a')]);
    const mine = { ...base, name: 'Mine' };
    const { definition: merged, conflicts } = mergeDefinitions(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged).toEqual({ ...theirs, name: 'Mine' });
  });

  it('does not drop a step that the other side went on with', () => {
    const theirs = definition([node('a', 'https://a')]);
    const mine = definition([node('a', 'https://a'), node('b', 'https://better')], [edge('e', 'a', 'b')]);
    const { conflicts } = mergeDefinitions(base, mine, theirs);
    expect(conflicts.map(({ path }) => path)).toEqual([['nodes', 'b']]);
  });

  it('does not leave an edge without its step', () => {
    const theirs = definition([node('a', 'https://a')]);
    const mine = definition(
      [node('a', 'https://a'), node('b', 'https://b'), node('c', 'https://c')],
      [edge('e', 'a', 'b'), edge('f', 'c', 'b')],
    );
    const { conflicts } = mergeDefinitions(base, mine, theirs);
    expect(conflicts.map(({ path }) => path)).toEqual([['edges', 'f']]);
  });
});

import { checkDefinition } from '@millrace/engine';
import { describe, expect, it } from 'vitest';
import { apply } from '@/features/builder/document/apply';
import type { Command } from '@/features/builder/document/command';
import { toJson } from '@/features/builder/document/document';
import { freshId } from '@/features/builder/document/ids';
import { readDocument } from '@/features/builder/document/read';
import { findStep, graphAt, ON_FAILURE, ROOT } from '@/features/builder/document/scope';
import { documentOf, nested, step, stepJson } from './support/documents';

describe('reading a document', () => {
  it('gives the JSON back that it was made from', () => {
    const json = toJson(nested());
    expect(toJson(documentOf(json))).toEqual(json);
    expect(checkDefinition(json).problems).toEqual([]);
  });

  it('opens a draft whose configurations are wrong', () => {
    const draft = documentOf({
      nodes: [{ id: 'call', type: 'http_request', data: { config: { method: 7 } } }],
      name: '',
    });
    expect(draft.nodes[0]?.data.config).toEqual({ method: 7 });
  });

  it('refuses what no canvas could show, and says what', () => {
    const read = readDocument({ name: 'x', nodes: [{ id: 'a', type: 'teleport' }] });
    expect(read.ok ? '' : read.reason).toMatch(/^nodes\.0\.type: /);
  });

  it('spreads out steps that all have the same place, as the platform gives those without one', () => {
    const position = { x: 0, y: 0 };
    const { nodes } = documentOf({
      nodes: [
        { id: 'a', type: 'set', position },
        { id: 'b', type: 'set', position },
      ],
      edges: [{ source: 'a', target: 'b' }],
    });
    expect(new Set(nodes.map((node) => node.position.x)).size).toBe(2);
  });

  it('leaves a step where it was drawn, alone or not', () => {
    const drawn = documentOf({ nodes: [{ id: 'a', type: 'set', position: { x: 40, y: 60 } }] });
    expect(drawn.nodes[0]?.position).toEqual({ x: 40, y: 60 });
  });

  it('spreads out steps that have no place', () => {
    const { nodes } = documentOf({
      nodes: [
        { id: 'a', type: 'set' },
        { id: 'b', type: 'set' },
      ],
      edges: [{ source: 'a', target: 'b' }],
    });
    expect(nodes.map(({ position }) => position)).toEqual([
      { x: 0, y: 0 },
      { x: 352, y: 0 },
    ]);
  });

  it('gives edges without an id the same one every time', () => {
    const json = { nodes: [stepJson('a'), stepJson('b')], edges: [{ source: 'a', target: 'b' }] };
    expect(documentOf(json).edges[0]?.id).toBe(documentOf(json).edges[0]?.id);
  });
});

describe('scopes', () => {
  it('lead into bodies and into what runs on failure', () => {
    const document = nested();
    expect(graphAt(document, ['b'])?.nodes.map(({ id }) => id)).toEqual(['c', 'd']);
    expect(graphAt(document, [ON_FAILURE])?.nodes.map(({ id }) => id)).toEqual(['e']);
    expect(graphAt(document, ['a'])).toBeUndefined();
    expect(findStep(document, 'd')?.scope).toEqual(['b']);
  });

  it('write a change through to the definition', () => {
    const after = apply(nested(), { type: 'update_step', id: 'd', change: { label: 'Deep' } });
    expect(JSON.stringify(toJson(after)['nodes'])).toContain('"label":"Deep"');
  });
});

describe('commands', () => {
  const unchanged: [string, Command][] = [
    ['moving a step to where it is', { type: 'move', scope: ROOT, moves: new Map([['a', { x: 0, y: 0 }]]) }],
    ['updating a step that is not there', { type: 'update_step', id: 'gone', change: { label: 'x' } }],
    ['removing nothing', { type: 'remove', scope: ROOT, nodes: [], edges: [] }],
    ['naming the workflow as it is', { type: 'update_workflow', change: { name: 'Test' } }],
  ];
  it.each(unchanged)('leave the very same document after %s', (_words, command) => {
    const document = nested();
    expect(apply(document, command)).toBe(document);
  });

  it('take the edges of a step away with it, and the step out of its groups', () => {
    const grouped = apply(nested(), { type: 'put_group', group: { id: 'g', label: 'A', nodes: ['a'] } });
    const after = apply(grouped, { type: 'remove', scope: ROOT, nodes: ['a'], edges: [] });
    expect([after.edges, after.ui?.groups]).toEqual([[], []]);
  });

  it('take a member away where the change says undefined', () => {
    const named = apply(nested(), { type: 'update_step', id: 'a', change: { label: 'A' } });
    const bare = apply(named, { type: 'update_step', id: 'a', change: { label: undefined } });
    expect('label' in (findStep(bare, 'a')?.node.data ?? {})).toBe(false);
  });

  it('follow the first error edge, and fail again without the last', () => {
    const document = documentOf({ nodes: [stepJson('a'), stepJson('b')], edges: [] });
    const edge = { id: 'e', source: 'a', target: 'b', label: 'error' };
    const with_ = apply(document, { type: 'add', scope: ROOT, nodes: [], edges: [edge] });
    const without = apply(with_, { type: 'remove', scope: ROOT, nodes: [], edges: ['e'] });
    expect([with_, without].map(({ nodes }) => nodes[0]?.data.on_error)).toEqual(['error', 'fail']);
  });

  it('rename a step in edges, groups and expressions, in bodies too', () => {
    const after = apply(nested(), { type: 'rename_step', id: 'a', to: 'load-all' });
    const text = JSON.stringify(toJson(after));
    expect(after.edges[0]?.source).toBe('load-all');
    expect(text).toContain('=steps[\\"load-all\\"].output');
    expect(text).not.toContain('steps.a.');
    expect(checkDefinition(toJson(after)).problems).toEqual([]);
  });

  it('do not give an id twice', () => {
    const document = nested();
    expect(apply(document, { type: 'rename_step', id: 'a', to: 'd' })).toBe(document);
  });

  it('fit several into one', () => {
    const after = apply(nested(), {
      type: 'batch',
      commands: [
        { type: 'add', scope: ['b'], nodes: [step('f')], edges: [{ id: 'x', source: 'd', target: 'f' }] },
        { type: 'set_on_failure', enabled: false },
      ],
    });
    expect([graphAt(after, ['b'])?.edges.length, after.on_failure]).toEqual([2, undefined]);
  });
});

describe('fresh ids', () => {
  it('count on from what is there', () => {
    const taken = new Set(['http_request', 'http_request_2']);
    expect([freshId('http_request', taken), freshId('http_request_2', taken), freshId('set', taken)]).toEqual(
      ['http_request_3', 'http_request_4', 'set'],
    );
  });
});

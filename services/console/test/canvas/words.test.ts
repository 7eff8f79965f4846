import { AGENT_TYPES, node, STEP_KINDS, stepKind, type Node } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { annotationsOf } from '@/features/canvas/annotations';
import { subtitleOf, titleOf } from '@/features/canvas/describe';
import { identityOf } from '@/features/canvas/identity';
import { arrange } from '@/features/canvas/layout';

const stepWith = (type: string, config: unknown, rest: object = {}): Node =>
  node.parse({ id: 'n', type, data: { config, ...rest } });

describe('words of a card', () => {
  it('takes the label, or the id without one', () => {
    expect(titleOf(stepWith('delay', { seconds: 1 }))).toBe('n');
    expect(titleOf(stepWith('delay', { seconds: 1 }, { label: 'Breathe' }))).toBe('Breathe');
  });

  it.each([
    ['http_request', { url: 'https://a.example' }, 'GET https://a.example'],
    ['delay', { seconds: 90 }, '1 min 30 s'],
    ['set', { values: { a: 1, b: 2 } }, 'a, b'],
    ['switch', { cases: [{ label: 'a', when: 'true' }] }, '1 case'],
    ['condition', { expression: 'a >\n  b' }, 'a > b'],
  ])('shows of %s what it is known by', (type, config, words) => {
    expect(subtitleOf(stepWith(type, config))).toBe(words);
  });

  it('says type and model of an agent', () => {
    const agent = stepWith('agent', { model: 'small' }, { agent_type: 'planning' });
    expect(subtitleOf(agent)).toBe('Planning · small');
  });

  it.each(stepKind.options)('has words for a %s that is not configured yet', (type) => {
    const bare = {
      id: 'n',
      type,
      position: { x: 0, y: 0 },
      data: { config: {}, on_error: 'fail', join: 'all', disabled: false },
    } satisfies Node;
    expect(subtitleOf(bare)).not.toBe('');
  });
});

describe('identity', () => {
  it('gives every agent type a colour of its own, and tools one together', () => {
    const agents = AGENT_TYPES.map((type) => identityOf('agent', type).color);
    expect(new Set(agents).size).toBe(AGENT_TYPES.length);
    expect(identityOf('code')).toMatchObject({
      title: STEP_KINDS.code.title,
      shape: 'tool',
      color: 'var(--tool)',
    });
  });
});

describe('annotations', () => {
  it('passes over what cannot be read', () => {
    const notes = [{ id: 'a', text: 'x', x: 1, y: 2, width: 100, height: 60 }, { text: 'no id' }];
    expect(annotationsOf({ notes }).notes.map(({ id }) => id)).toEqual(['a']);
    expect(annotationsOf(undefined)).toEqual({ notes: [], groups: [] });
  });
});

describe('arranging', () => {
  it('puts every step to the right of those before it', () => {
    const places = new Map(
      arrange({
        nodes: ['c', 'a', 'b', 'd'],
        edges: [
          ['a', 'b'],
          ['b', 'c'],
          ['a', 'c'],
          ['a', 'gone'],
        ],
      }),
    );
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    expect(x('a') < x('b') && x('b') < x('c')).toBe(true);
    expect(places.size).toBe(4);
  });
});

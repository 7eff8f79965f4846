import { beforeEach, describe, expect, it } from 'vitest';
import { keyName } from '@/features/builder/actions/keys';
import { placing } from '@/features/builder/actions/placing';
import { apply } from '@/features/builder/document/apply';
import { toJson } from '@/features/builder/document/document';
import { ROOT } from '@/features/builder/document/scope';
import { shownGraph } from '@/features/builder/selectors';
import { STEP_CHOICES, type StepChoice } from '@/features/builder/step-choices';
import {
  dispatch,
  enterScope,
  openDocument,
  selectSteps,
  showStep,
  undo,
  useBuilder,
} from '@/features/builder/store';
import { nextStep, reach } from '@/features/builder/walk';
import { documentOf, nested, stepJson } from './support/documents';

const choice = (key: string): StepChoice => {
  const found = STEP_CHOICES.find((one) => one.key === key);
  if (!found) throw new Error(`no choice ${key}`);
  return found;
};

describe('the store', () => {
  beforeEach(() => openDocument('wf', nested(), undefined));

  it('keeps the document the same object while nothing changes', () => {
    const { document } = useBuilder.getState();
    dispatch({ type: 'update_workflow', change: { name: 'Test' } });
    selectSteps(['a']);
    expect(useBuilder.getState().document).toBe(document);
  });

  it('refuses commands where nothing may be changed', () => {
    openDocument('wf', nested(), 'You need the permission workflow:write.');
    dispatch({ type: 'update_workflow', change: { name: 'Other' } });
    expect(useBuilder.getState().document.name).toBe('Test');
  });

  it('forgets a selection that is gone, and leaves a body that is gone', () => {
    showStep('c');
    dispatch({ type: 'remove', scope: ROOT, nodes: ['b'], edges: [] });
    const { scope, selection } = useBuilder.getState();
    expect([scope, selection.nodes.size]).toEqual([[], 0]);
  });

  it('shows a step wherever it is', () => {
    showStep('d', ['data', 'config', 'values']);
    const state = useBuilder.getState();
    expect([state.scope, [...state.selection.nodes], state.shown]).toEqual([
      ['b'],
      ['d'],
      { stepId: 'd', field: ['data', 'config', 'values'] },
    ]);
  });

  it('enters only what is there, and shows the same graph object until it changes', () => {
    enterScope(['a']);
    expect(useBuilder.getState().scope).toEqual([]);
    const before = shownGraph(useBuilder.getState());
    selectSteps(['a']);
    expect(shownGraph(useBuilder.getState())).toBe(before);
    dispatch({ type: 'move', scope: ROOT, moves: new Map([['a', { x: 9, y: 9 }]]) });
    undo();
    expect(shownGraph(useBuilder.getState())).toEqual(before);
  });
});

describe('adding a step', () => {
  const chain = () =>
    documentOf({
      nodes: [
        stepJson('a'),
        { ...stepJson('b'), position: { x: 352, y: 0 } },
        { ...stepJson('c'), position: { x: 704, y: 0 } },
      ],
      edges: [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
      ],
    });

  it('behind another connects them and leaves every card in sight', () => {
    const document = chain();
    const placed = placing(document, ROOT, choice('http_request'), { from: { id: 'a', direction: 'from' } });
    if (!placed) throw new Error('not placed');
    const after = apply(document, placed.command);
    expect(after.edges.at(-1)).toMatchObject({ source: 'a', target: 'http_request' });
    expect(after.nodes.at(-1)?.position).toEqual({ x: 352, y: 120 });
  });

  it('behind a step with ports takes one of them', () => {
    const document = documentOf({
      nodes: [{ id: 'if', type: 'condition', data: { config: { expression: 'true' } } }],
    });
    const placed = placing(document, ROOT, choice('delay'), { from: { id: 'if', direction: 'from' } });
    expect(placed && apply(document, placed.command).edges[0]?.label).toBe('true');
  });

  it('into an edge moves what is behind it, as one step of undo', () => {
    const document = chain();
    const edge = document.edges[0]?.id ?? '';
    const placed = placing(document, ROOT, choice('agent:planning'), { edge });
    if (!placed) throw new Error('not placed');
    const after = apply(document, placed.command);
    expect(after.edges.map(({ source, target }) => `${source}>${target}`)).toEqual([
      'b>c',
      'a>planning',
      'planning>b',
    ]);
    expect(after.nodes.map(({ id, position }) => [id, position.x])).toEqual([
      ['a', 0],
      ['b', 704],
      ['c', 1056],
      ['planning', 352],
    ]);
  });

  it.each(STEP_CHOICES.map(({ key }) => key))('can begin with %s', (key) => {
    const document = documentOf({ nodes: [] });
    const placed = placing(document, ROOT, choice(key), { place: { x: 1, y: 2 } });
    if (!placed) throw new Error('not placed');
    expect(toJson(documentOf(toJson(apply(document, placed.command))))).toEqual(
      toJson(apply(document, placed.command)),
    );
  });
});

describe('walking the graph', () => {
  const graph = () => {
    const { nodes, edges } = nested();
    return { nodes, edges: edges.map((edge, at) => ({ ...edge, id: `e${at}` })) };
  };
  it('goes along edges, and starts at the left', () => {
    expect([
      nextStep(graph(), undefined, 'right'),
      nextStep(graph(), 'a', 'right'),
      nextStep(graph(), 'b', 'left'),
    ]).toEqual(['a', 'b', 'a']);
    expect(nextStep(graph(), 'b', 'right')).toBeUndefined();
  });
  it('reaches all behind and all before', () => {
    expect([[...reach(graph(), ['a'], 'downstream')], [...reach(graph(), ['a'], 'upstream')]]).toEqual([
      ['a', 'b'],
      ['a'],
    ]);
  });
});

describe('names of keys', () => {
  it.each([
    [{ key: 'z', code: 'KeyZ', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+Z'],
    [{ key: 'z', code: 'KeyZ', metaKey: true }, 'Ctrl+Z'],
    [{ key: '†', code: 'KeyT', altKey: true, shiftKey: true }, 'Shift+Alt+T'],
    [{ key: '+', code: 'Equal', shiftKey: true }, '+'],
    [{ key: 'ArrowLeft', code: 'ArrowLeft', altKey: true }, 'Alt+ArrowLeft'],
    [{ key: 'n', code: 'KeyN' }, 'N'],
  ])('%o', (event, name) => {
    expect(keyName(new KeyboardEvent('keydown', event))).toBe(name);
  });
});

import { fireEvent, renderHook } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { readDocument } from '@/features/builder/document/read';
import { openDocument, selectSteps, useBuilder } from '@/features/builder/store';
import { useBuilderKeys } from '@/features/builder/use-builder-keys';

/** Two steps, each with a card that can have the focus. */
function setup() {
  const read = readDocument({
    name: 'Two',
    nodes: ['first', 'second'].map((id) => ({ id, type: 'set', data: { config: { values: {} } } })),
  });
  if (!read.ok) throw new Error(read.reason);
  openDocument('wf_1', read.document, undefined);
  const main = document.createElement('main');
  main.tabIndex = -1;
  const builder = document.createElement('div');
  builder.dataset['builder'] = '';
  const canvas = document.createElement('div');
  canvas.dataset['canvasKeys'] = '';
  document.body.append(main);
  main.append(builder);
  builder.append(canvas);
  const cardOf = (id: string): HTMLElement => {
    const card = document.createElement('div');
    card.className = 'react-flow__node';
    card.dataset['id'] = id;
    card.tabIndex = 0;
    canvas.append(card);
    return card;
  };
  const input = document.createElement('input');
  document.body.append(input);
  renderHook(() => useBuilderKeys());
  return { main, first: cardOf('first'), second: cardOf('second'), input };
}

const press = (target: HTMLElement, key: string, ctrlKey = false): void => {
  const code = key.length === 1 ? `Key${key.toUpperCase()}` : key;
  fireEvent.keyDown(target, { key, code, ctrlKey });
};
const ids = () => useBuilder.getState().document.nodes.map(({ id }) => id);

describe('keys of the builder', () => {
  afterEach(() => document.body.replaceChildren());

  it('are for the card to which somebody walked', () => {
    const { second } = setup();
    selectSteps(['first']);
    second.focus();
    press(second, 'Delete');
    expect(ids()).toEqual(['first']);
  });

  it('are for the copy after a card was duplicated, though the card has the focus still', () => {
    const { first } = setup();
    first.focus();
    press(first, 'd', true);
    expect(ids()).toEqual(['first', 'second', 'first_2']);
    press(first, 'Delete');
    expect(ids()).toEqual(['first', 'second']);
  });

  it('reach the canvas when the focus is on what lies around it, as after a click on an empty place', () => {
    const { main } = setup();
    selectSteps(['first']);
    main.focus();
    press(main, 'Delete');
    expect(ids()).toEqual(['second']);
  });

  it('do nothing to steps while somebody types', () => {
    const { input } = setup();
    selectSteps(['first', 'second']);
    const before = useBuilder.getState().document;
    for (const key of ['Delete', 'Backspace', 'd', 'c', 'n', 'ArrowLeft', 'F2']) press(input, key);
    press(input, 'z', true);
    press(input, 'd', true);
    expect(useBuilder.getState().document).toBe(before);
  });
});

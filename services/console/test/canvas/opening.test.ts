import { describe, expect, it } from 'vitest';
import { openingViewport } from '@/features/canvas/opening';

const PANE = { width: 600, height: 700 };

const graphAt = (...places: readonly (readonly [x: number, y: number])[]) =>
  places.map(([x, y]) => ({ position: { x, y } }));

describe('what is first seen of a graph', () => {
  it('is all of it where that can be read', () => {
    expect(openingViewport(graphAt([0, 0], [340, 0]), PANE)).toBeUndefined();
    expect(openingViewport(graphAt(), PANE)).toBeUndefined();
  });

  it('is where a long one begins, in the middle of its height', () => {
    expect(openingViewport(graphAt([400, 0], [-100, 200], [2_000, 0]), PANE)).toEqual({
      x: 48 + 60,
      y: 350 - 142 * 0.6,
      zoom: 0.6,
    });
  });

  it('is the first step of one that is also high', () => {
    expect(openingViewport(graphAt([0, 900], [340, 0], [340, 5_000]), PANE)).toEqual({
      x: 48,
      y: 350 - 942 * 0.6,
      zoom: 0.6,
    });
  });
});

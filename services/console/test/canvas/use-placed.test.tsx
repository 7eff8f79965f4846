import { node, type Node } from '@millrace/contracts';
import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CanvasGraph } from '@/features/canvas/graph';
import { usePlaced } from '@/features/canvas/use-placed';

const tidy = vi.hoisted(() => vi.fn());
vi.mock('@/features/canvas/tidy', () => ({ tidy }));

const step = (id: string, x: number): Node =>
  node.parse({ id, type: 'set', position: { x, y: 0 }, data: { config: { values: {} } } });
const graphOf = (...nodes: Node[]): CanvasGraph => ({ nodes, edges: [] });

function Places({ graph }: { graph: CanvasGraph }) {
  const placed = usePlaced(graph);
  return (
    <p role="note">{placed?.nodes.map(({ id, position }) => `${id} ${position.x}`).join(', ') ?? '…'}</p>
  );
}
const shown = (): string => screen.getByRole('note').textContent;

describe('the places of steps', () => {
  afterEach(() => tidy.mockReset());

  it('are those they were drawn at', () => {
    render(<Places graph={graphOf(step('a', 0), step('b', 300))} />);
    expect(shown()).toBe('a 0, b 300');
    expect(tidy).not.toHaveBeenCalled();
  });

  it('are those they were drawn at, also where two lie on one another', () => {
    const graph = graphOf(step('a', 0), step('b', 300), step('c', 300));
    render(<Places graph={graph} />);
    expect(shown()).toBe('a 0, b 300, c 300');
    expect(tidy).not.toHaveBeenCalled();
  });

  it('are looked for where a workflow was never drawn', async () => {
    tidy.mockResolvedValue(
      new Map([
        ['a', { x: 0, y: 0 }],
        ['b', { x: 352, y: 0 }],
      ]),
    );
    render(<Places graph={graphOf(step('a', 0), step('b', 0))} />);
    expect(shown()).toBe('…');
    await vi.waitFor(() => expect(shown()).toBe('a 0, b 352'));
  });

  it('are all the same where they cannot be found', async () => {
    tidy.mockRejectedValue(new Error('no worker'));
    render(<Places graph={graphOf(step('a', 0), step('b', 0))} />);
    await vi.waitFor(() => expect(shown()).toBe('a 0, b 0'));
  });
});

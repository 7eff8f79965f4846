import type { CanvasContextValue } from './canvas-context';
import type { AnyNode, StepFlowEdge } from './flow-types';
import type { Point } from './graph';
import type { useReactFlow } from './rf';

type Flow = ReturnType<typeof useReactFlow<AnyNode, StepFlowEdge>>;

/** What the owner of a canvas can ask of it. */
export interface CanvasHandle {
  /** Shows the whole graph, or these steps. */
  fit(ids?: readonly string[]): void;
  zoomIn(): void;
  zoomOut(): void;
  /** 1 is 100%. */
  zoomTo(zoom: number): void;
  /** Brings a step into sight without changing the zoom, and does nothing where it is. */
  reveal(id: string): void;
  /** Puts the keyboard's focus on a step. */
  focus(id: string): void;
  /** Opens a note to be written, and puts the focus there. */
  write(noteId: string): void;
  toGraph(screen: Point): Point;
  toScreen(graph: Point): Point;
  /** The middle of what is in sight, in the graph's measure. */
  center(): Point;
}

const EASE = { duration: 200 };
const MARGIN = 24;

/** Animations are for those who want them. */
const motion = () => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? {} : EASE);

export function createCanvasHandle(
  flow: Flow,
  element: () => HTMLElement | null,
  writing: CanvasContextValue['writing'],
): CanvasHandle {
  const box = (): DOMRect => element()?.getBoundingClientRect() ?? new DOMRect();
  const card = (id: string): HTMLElement | null =>
    element()?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`) ?? null;
  return {
    fit(ids) {
      void flow.fitView({
        padding: 0.12,
        maxZoom: 1,
        ...(ids && { nodes: ids.map((id) => ({ id })) }),
        ...motion(),
      });
    },
    zoomIn: () => void flow.zoomIn(motion()),
    zoomOut: () => void flow.zoomOut(motion()),
    zoomTo: (zoom) => void flow.zoomTo(zoom, motion()),
    reveal(id) {
      const node = flow.getInternalNode(id);
      if (node === undefined) return;
      const { x, y } = node.internals.positionAbsolute;
      const { width = 0, height = 0 } = node.measured;
      const from = flow.flowToScreenPosition({ x, y });
      const to = flow.flowToScreenPosition({ x: x + width, y: y + height });
      const { left, top, right, bottom } = box();
      const isSeen =
        from.x >= left + MARGIN &&
        from.y >= top + MARGIN &&
        to.x <= right - MARGIN &&
        to.y <= bottom - MARGIN;
      if (!isSeen) void flow.setCenter(x + width / 2, y + height / 2, { zoom: flow.getZoom(), ...motion() });
    },
    focus(id) {
      // A card that was out of sight is on the page with the next frames.
      const wait = (frames: number): void => {
        const found = card(id);
        if (found) found.focus({ preventScroll: true });
        else if (frames > 0) requestAnimationFrame(() => wait(frames - 1));
      };
      wait(30);
    },
    write: (noteId) => writing.setState({ note: noteId }),
    toGraph: (screen) => flow.screenToFlowPosition(screen, { snapToGrid: false }),
    toScreen: (graph) => flow.flowToScreenPosition(graph),
    center() {
      const { left, top, width, height } = box();
      return flow.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 }, { snapToGrid: false });
    },
  };
}

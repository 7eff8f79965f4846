import type { CanvasContextValue } from './canvas-context';
import type { AnyNode, StepFlowEdge } from './flow-types';
import type { CanvasGraph, Point } from './graph';
import type { FinalConnectionState, OnConnectStartParams, useReactFlow } from './rf';

interface ConnectingOptions {
  graph: CanvasGraph;
  connecting: CanvasContextValue['connecting'];
  flow: ReturnType<typeof useReactFlow<AnyNode, StepFlowEdge>>;
  refusal: ((source: string, target: string) => string | undefined) | undefined;
  onConnect: ((source: string, target: string) => void) | undefined;
  onDropOnEmpty:
    | ((from: { id: string; direction: 'from' | 'to' }, at: { screen: Point; graph: Point }) => void)
    | undefined;
  onRefused: ((reason: string) => void) | undefined;
}

/** Properties of ReactFlow for drawing connections: from either end, onto a handle or anywhere on a card. */
export function useConnecting({
  graph,
  connecting,
  flow,
  refusal,
  onConnect,
  onDropOnEmpty,
  onRefused,
}: ConnectingOptions) {
  const ends = (from: string, to: string, isFromSource: boolean): [source: string, target: string] =>
    isFromSource ? [from, to] : [to, from];

  const finish = (from: string, to: string, isFromSource: boolean): void => {
    const [source, target] = ends(from, to, isFromSource);
    const reason = connecting.getState().current?.refusals.get(to);
    if (reason === undefined) onConnect?.(source, target);
    else onRefused?.(reason);
  };

  return {
    onConnectStart(_event: MouseEvent | TouchEvent, { nodeId, handleType }: OnConnectStartParams): void {
      if (nodeId === null) return;
      const refusals = new Map<string, string>();
      for (const { id } of graph.nodes) {
        const reason = refusal?.(...ends(nodeId, id, handleType === 'source'));
        if (reason !== undefined) refusals.set(id, reason);
      }
      connecting.setState({ current: { from: nodeId, refusals } });
    },
    onConnectEnd(
      event: MouseEvent | TouchEvent,
      { fromNode, fromHandle, toNode }: FinalConnectionState,
    ): void {
      const isFromSource = fromHandle?.type === 'source';
      const screen = pointOf(event);
      const to = toNode?.id ?? cardAt(screen);
      if (fromNode !== null && to !== undefined && to !== fromNode.id) finish(fromNode.id, to, isFromSource);
      else if (fromNode !== null && to === undefined) {
        const from = { id: fromNode.id, direction: isFromSource ? ('from' as const) : ('to' as const) };
        onDropOnEmpty?.(from, { screen, graph: flow.screenToFlowPosition(screen, { snapToGrid: false }) });
      }
      connecting.setState({ current: null });
    },
    isValidConnection({ source, target }: { source: string; target: string }): boolean {
      const { current } = connecting.getState();
      const other = current?.from === source ? target : source;
      return source !== target && current?.refusals.has(other) !== true;
    },
  };
}

const pointOf = (event: MouseEvent | TouchEvent): Point => {
  const touch = 'changedTouches' in event ? event.changedTouches[0] : event;
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
};

/** The step under a point of the screen. Notes and groups take no connections. */
function cardAt({ x, y }: Point): string | undefined {
  const card = document.elementFromPoint(x, y)?.closest<HTMLElement>('.react-flow__node-step');
  return card?.dataset['id'];
}

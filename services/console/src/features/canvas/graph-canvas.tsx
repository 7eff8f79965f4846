import { useImperativeHandle, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import { useShownTheme } from '@/app/preferences';
import {
  CanvasProvider,
  createConnecting,
  createWriting,
  type CanvasContextValue,
  type CanvasMode,
} from './canvas-context';
import './canvas.css';
import { createCanvasHandle, type CanvasHandle } from './canvas-handle';
import { ConnectionLine } from './connection-line';
import { StepEdge } from './edge';
import { createFlowEdges, createFlowNodes, type Decorations } from './flow-nodes';
import type { AnyNode, StepFlowEdge } from './flow-types';
import { NOTHING_SELECTED, type CanvasGraph, type Point, type Selection } from './graph';
import { GroupFrame } from './group-node';
import { CanvasMinimap } from './minimap';
import { NodeCard } from './node-card';
import { NoteCard } from './note-node';
import { openingViewport } from './opening';
import {
  Background,
  BackgroundVariant,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  type EdgeTypes,
  type NodeTypes,
  type Viewport,
} from './rf';
import { NO_RUN, type RunStatus } from './run-status';
import { selectionAfter } from './selection';
import { useConnecting } from './use-connecting';
import { useGesture, type Moves } from './use-gesture';

const nodeTypes: NodeTypes = { step: NodeCard, note: NoteCard, group: GroupFrame };
const edgeTypes: EdgeTypes = { step: StepEdge };

const FIT = { padding: 0.12, maxZoom: 1 };

const NO_PROBLEMS: Decorations['problems'] = new Map();
const NO_BREAKPOINTS: Decorations['breakpoints'] = new Set();
const NO_MARKS: Decorations['marks'] = new Map();

/** What was pressed with the second button: a step, note or group, an edge, or the empty canvas. */
export type CanvasTarget =
  | { readonly type: 'node'; readonly id: string }
  | { readonly type: 'edge'; readonly id: string }
  | { readonly type: 'pane' };

export interface GraphCanvasProps extends Partial<Decorations> {
  /** What it shows, for those who cannot see it: "Workflow Weather report". */
  label: string;
  graph: CanvasGraph;
  /** `edit` lets steps be dragged and connected; `view` only looked at, selected and panned. */
  mode: CanvasMode;
  selection?: Selection;
  onSelect?: (selection: Selection) => void;
  /** The execution whose status cards and edges show. */
  run?: RunStatus | undefined;
  /** A step was opened with a double click. */
  onOpen?: (nodeId: string) => void;
  /** A drag has ended: new places of steps by id and of notes by `noteKey`. */
  onMove?: (moves: Moves) => void;
  /** Why a connection cannot be made; undefined where it can. Asked for every step when a drag begins. */
  refusal?: (source: string, target: string) => string | undefined;
  onConnect?: (source: string, target: string) => void;
  /** A connection was dropped where no step is. `direction` tells which end was drawn. */
  onDropOnEmpty?: (
    from: { id: string; direction: 'from' | 'to' },
    at: { screen: Point; graph: Point },
  ) => void;
  /** A connection was dropped on a step that cannot take it. */
  onRefused?: (reason: string) => void;
  onContextMenu?: (target: CanvasTarget, at: Point) => void;
  toolbar?: CanvasContextValue['toolbar'];
  onInsert?: CanvasContextValue['onInsert'];
  onNoteText?: CanvasContextValue['onNoteText'];
  onNoteResize?: CanvasContextValue['onNoteResize'];
  onGroupRename?: CanvasContextValue['onGroupRename'];
  /** With `onViewport` the place is somebody else's: two canvases that show the same part. */
  viewport?: Viewport;
  onViewport?: (viewport: Viewport) => void;
  hasMinimap?: boolean;
  ref?: Ref<CanvasHandle>;
  /** Panels over the canvas. */
  children?: ReactNode;
}

/**
 * The drawing of a workflow, shared by the builder, the live execution and the comparison of versions. It holds no
 * document: gestures are told to its owner, who hands back a new graph. Cards out of sight are not on the page, cards
 * too small to read are bars, and nothing of a run passes through its props.
 */
export function GraphCanvas(props: GraphCanvasProps) {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}

function Inner({
  label,
  graph,
  mode,
  selection = NOTHING_SELECTED,
  onSelect,
  run = NO_RUN,
  problems = NO_PROBLEMS,
  breakpoints = NO_BREAKPOINTS,
  marks = NO_MARKS,
  onOpen,
  onMove,
  refusal,
  onConnect,
  onDropOnEmpty,
  onRefused,
  onContextMenu,
  toolbar,
  onInsert,
  onNoteText,
  onNoteResize,
  onGroupRename,
  viewport,
  onViewport,
  hasMinimap = false,
  ref,
  children,
}: GraphCanvasProps) {
  const flow = useReactFlow<AnyNode, StepFlowEdge>();
  const wrapper = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  const [makeNodes] = useState(createFlowNodes);
  const [makeEdges] = useState(createFlowEdges);
  const [connecting] = useState(createConnecting);
  const [writing] = useState(createWriting);
  const { moved, take, end } = useGesture(graph, onMove);
  const isEditable = mode === 'edit';

  const nodes = useMemo(
    () => makeNodes(graph, selection, { problems, breakpoints, marks }, moved),
    [makeNodes, graph, selection, problems, breakpoints, marks, moved],
  );
  const edges = useMemo(() => makeEdges(graph, selection, marks), [makeEdges, graph, selection, marks]);
  const select = selectionAfter(selection, onSelect);
  const connection = useConnecting({ graph, connecting, flow, refusal, onConnect, onDropOnEmpty, onRefused });
  useImperativeHandle(ref, () => createCanvasHandle(flow, () => wrapper.current, writing), [flow, writing]);

  const context = useMemo(
    (): CanvasContextValue => ({
      mode,
      run,
      connecting,
      writing,
      toolbar,
      onInsert,
      onNoteText,
      onNoteResize,
      onGroupRename,
    }),
    [mode, run, connecting, writing, toolbar, onInsert, onNoteText, onNoteResize, onGroupRename],
  );

  /** What is edited is shown to be read, what is watched to be seen whole. */
  function open(): void {
    if (viewport !== undefined || !isEditable) return;
    const pane = wrapper.current?.getBoundingClientRect();
    const opening = pane && openingViewport(graph.nodes, pane);
    if (opening) void flow.setViewport(opening);
    else void flow.fitView(FIT);
  }

  return (
    <CanvasProvider value={context}>
      <div ref={wrapper} role="group" aria-label={label} className="size-full bg-background">
        <ReactFlow<AnyNode, StepFlowEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          colorMode={theme}
          onlyRenderVisibleElements
          elevateNodesOnSelect={false}
          // As far as it takes to show all of five hundred steps.
          minZoom={0.01}
          maxZoom={2}
          fitView={viewport === undefined && !isEditable}
          fitViewOptions={FIT}
          onInit={open}
          {...(viewport !== undefined && { viewport })}
          {...(onViewport !== undefined && { onViewportChange: onViewport })}
          nodesDraggable={isEditable}
          nodesConnectable={isEditable && onConnect !== undefined}
          edgesReconnectable={false}
          edgesFocusable
          elementsSelectable={onSelect !== undefined}
          // Keys are one handler's of the page's: React Flow has none of its own.
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={isEditable ? null : 'Shift'}
          multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
          panActivationKeyCode="Space"
          panOnScroll
          panOnDrag={isEditable ? [1] : true}
          selectionOnDrag={isEditable}
          selectionMode={SelectionMode.Partial}
          zoomOnDoubleClick={false}
          nodeDragThreshold={3}
          connectionRadius={32}
          connectOnClick={false}
          connectionLineComponent={ConnectionLine}
          onNodesChange={(changes) => {
            take(changes);
            select.nodes(changes);
          }}
          onEdgesChange={select.edges}
          onNodeDragStop={end}
          onSelectionDragStop={end}
          onNodeDoubleClick={(_event, { id, type }) => {
            if (type === 'step') onOpen?.(id);
          }}
          onPaneContextMenu={(event) => {
            event.preventDefault();
            onContextMenu?.({ type: 'pane' }, { x: event.clientX, y: event.clientY });
          }}
          onNodeContextMenu={(event, { id }) => {
            event.preventDefault();
            onContextMenu?.({ type: 'node', id }, { x: event.clientX, y: event.clientY });
          }}
          onEdgeContextMenu={(event, { id }) => {
            event.preventDefault();
            onContextMenu?.({ type: 'edge', id }, { x: event.clientX, y: event.clientY });
          }}
          {...connection}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} color="var(--line)" />
          {hasMinimap && <CanvasMinimap />}
          {children}
        </ReactFlow>
      </div>
    </CanvasProvider>
  );
}

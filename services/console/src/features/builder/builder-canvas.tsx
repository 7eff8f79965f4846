import { useCallback, useEffect, useMemo, type DragEvent } from 'react';
import {
  annotationsOf,
  GraphCanvas,
  type CanvasGraph,
  type CanvasTarget,
  type GraphCanvasProps,
  type Point,
} from '@/features/canvas';
import { addStep, connect, refuse } from './actions/connect';
import { annotationsAt } from './document/annotations';
import { connectionRefusal } from './document/connect';
import { hasBody } from './document/scope';
import { EmptyCanvas } from './empty-canvas';
import { NodeToolbar } from './node-toolbar';
import { STEP_MIME } from './palette';
import { shownGraph } from './selectors';
import { STEP_CHOICES } from './step-choices';
import { builderRun, dispatch, enterScope, select, selectSteps, showStep, useBuilder } from './store';
import { canvas, holdCanvas, openMenu, openPicker, useBuilderView } from './view';

const toolbar = (id: string) => <NodeToolbar id={id} />;

interface BuilderCanvasProps {
  problems: NonNullable<GraphCanvasProps['problems']>;
  isRunShown: boolean;
}

/** The canvas of the builder: what is drawn on it becomes commands. */
export function BuilderCanvas({ problems, isRunShown }: BuilderCanvasProps) {
  const document = useBuilder((state) => state.document);
  const scope = useBuilder((state) => state.scope);
  const steps = useBuilder(shownGraph);
  const selection = useBuilder((state) => state.selection);
  const shown = useBuilder((state) => state.shown);
  const isEditable = useBuilder((state) => state.readOnlyReason === undefined);

  const graph = useMemo(
    (): CanvasGraph => ({
      ...steps,
      ...annotationsAt(document, scope, new Set(steps.nodes.map(({ id }) => id))),
    }),
    [document, scope, steps],
  );
  const refusal = useCallback(
    (source: string, target: string) => connectionRefusal(steps, source, target),
    [steps],
  );
  useEffect(() => {
    if (shown) requestAnimationFrame(() => canvas()?.reveal(shown.stepId));
  }, [shown]);

  const drop = (event: DragEvent<HTMLDivElement>): void => {
    const choice = STEP_CHOICES.find(({ key }) => key === event.dataTransfer.getData(STEP_MIME));
    const at = canvas()?.toGraph({ x: event.clientX, y: event.clientY });
    if (!choice || !at) return;
    event.preventDefault();
    // The card hangs on the pointer by its chip.
    addStep(choice, { place: { x: at.x - 30, y: at.y - 30 } });
  };

  return (
    <div
      data-canvas-keys
      className="relative size-full"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(STEP_MIME)) event.preventDefault();
      }}
      onDrop={drop}
    >
      <GraphCanvas
        // Another graph is another drawing, shown as a whole.
        key={scope.join('/')}
        ref={holdCanvas}
        label={`Workflow ${document.name}`}
        mode={isEditable ? 'edit' : 'view'}
        graph={graph}
        selection={selection}
        onSelect={select}
        problems={problems}
        {...(isRunShown && { run: builderRun })}
        onOpen={open}
        onContextMenu={menu}
        hasMinimap
        {...(isEditable && {
          onMove: (moves: ReadonlyMap<string, Point>) => dispatch({ type: 'move', scope, moves }),
          refusal,
          onRefused: refuse,
          onConnect: connectAtTarget,
          onDropOnEmpty,
          onInsert,
          onNoteText,
          onNoteResize,
          onGroupRename,
          toolbar,
        })}
      />
      {steps.nodes.length === 0 && <EmptyCanvas />}
    </div>
  );
}

/** A step with steps inside opens these, any other its panel. */
function open(id: string): void {
  const state = useBuilder.getState();
  const node = shownGraph(state).nodes.find((one) => one.id === id);
  if (node && hasBody(node)) enterScope([...state.scope, id]);
  else {
    showStep(id);
    useBuilderView.setState({ hasPanel: true });
  }
}

function menu(target: CanvasTarget, at: Point): void {
  const { selection } = useBuilder.getState();
  if (target.type === 'node' && !selection.nodes.has(target.id)) selectSteps([target.id]);
  if (target.type === 'edge' && !selection.edges.has(target.id))
    select({ nodes: new Set(), edges: new Set([target.id]) });
  openMenu({ target, at });
}

function connectAtTarget(source: string, target: string): void {
  const node = shownGraph(useBuilder.getState()).nodes.find(({ id }) => id === target);
  connect(source, target, (node && canvas()?.toScreen(node.position)) ?? { x: 200, y: 200 });
}

const onDropOnEmpty: NonNullable<GraphCanvasProps['onDropOnEmpty']> = (from, at) => {
  // The new card's handle is where the connection was dropped.
  const x = from.direction === 'from' ? at.graph.x : at.graph.x - 264;
  openPicker({ type: 'step', at: at.screen, from, place: { x, y: at.graph.y - 42 } });
};

const onInsert: NonNullable<GraphCanvasProps['onInsert']> = (edge, at) =>
  openPicker({ type: 'step', at, edge });

const notes = () => annotationsOf(useBuilder.getState().document.ui);

function onNoteText(id: string, text: string): void {
  const note = notes().notes.find((one) => one.id === id);
  if (note) dispatch({ type: 'put_note', note: { ...note, text }, typing: true });
}

const onNoteResize: NonNullable<GraphCanvasProps['onNoteResize']> = (id, { x, y, width, height }) => {
  const note = notes().notes.find((one) => one.id === id);
  const rect = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
  if (note) dispatch({ type: 'put_note', note: { ...note, ...rect } });
};

function onGroupRename(id: string, label: string): void {
  const group = notes().groups.find((one) => one.id === id);
  if (group) dispatch({ type: 'put_group', group: { ...group, label }, typing: true });
}

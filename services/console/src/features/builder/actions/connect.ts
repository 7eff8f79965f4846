import type { Point } from '@/features/canvas/graph';
import { toast } from '@/components/toast';
import { connectionRefusal, freePorts, newEdge, portsOfStep } from '../document/connect';
import { shownGraph } from '../selectors';
import { dispatch, select, selectSteps, useBuilder } from '../store';
import type { StepChoice } from '../step-choices';
import { canvas, closePicker, openPicker, type Picker } from '../view';
import { placing, type Where } from './placing';

export const refuse = (reason: string): void => toast({ title: 'Not connected', description: reason });

/** Connects two steps. Where the first has ports it asks by which, at a point of the screen. */
export function connect(source: string, target: string, at: Point): void {
  const graph = shownGraph(useBuilder.getState());
  const refusal = connectionRefusal(graph, source, target);
  if (refusal !== undefined) {
    refuse(refusal);
    return;
  }
  const from = graph.nodes.find(({ id }) => id === source);
  if (from && portsOfStep(from).length > 0) openPicker({ type: 'port', at, source, target });
  else connectBy(source, target, '');
}

/** The way of `connect` without its question. */
export function connectBy(source: string, target: string, port: string): void {
  const state = useBuilder.getState();
  const edge = newEdge(shownGraph(state), source, target, port);
  dispatch({ type: 'add', scope: state.scope, nodes: [], edges: [edge] });
  select({ nodes: new Set(), edges: new Set([edge.id]) });
  closePicker();
}

export const portsLeft = (source: string, target: string): readonly string[] =>
  freePorts(shownGraph(useBuilder.getState()), source, target);

/** Adds a step where the picker was opened for, shows it and selects it. */
export function addStep(choice: StepChoice, where: Where): void {
  const { document, scope } = useBuilder.getState();
  const placed = placing(document, scope, choice, where);
  closePicker();
  if (!placed) return;
  dispatch(placed.command);
  selectSteps([placed.id]);
  requestAnimationFrame(() => {
    canvas()?.reveal(placed.id);
    canvas()?.focus(placed.id);
  });
}

/** Behind the step that is selected alone, otherwise in the middle of what is in sight. */
export function addAnywhere(choice: StepChoice): void {
  const { selection } = useBuilder.getState();
  const [only] = selection.nodes;
  const { nodes } = shownGraph(useBuilder.getState());
  const isStep = selection.nodes.size === 1 && nodes.some(({ id }) => id === only);
  if (isStep && only !== undefined) addStep(choice, { from: { id: only, direction: 'from' } });
  else addStep(choice, { place: canvas()?.center() ?? { x: 0, y: 0 } });
}

export function whereOf({ from, edge, place }: Extract<Picker, { type: 'step' }>): Where | undefined {
  if (edge !== undefined) return { edge };
  if (from !== undefined) return { from, ...(place && { place }) };
  return place && { place };
}

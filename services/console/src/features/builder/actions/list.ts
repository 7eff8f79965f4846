import { CARD, NOTHING_SELECTED } from '@/features/canvas/graph';
import { titleOf } from '@/features/canvas/describe';
import { hasBody } from '../document/scope';
import { pinShownOutput } from '../panel/pin-output';
import { askToRun } from '../running/run-request';
import { selectedStep, shownGraph } from '../selectors';
import { enterScope, redo, select, selectSteps, showStep, undo, useBuilder } from '../store';
import { nextStep, reach, type Direction } from '../walk';
import { canvas, openPicker, useBuilderView } from '../view';
import {
  addNote,
  copiedText,
  duplicate,
  groupSelected,
  nudge,
  pasteText,
  removeSelected,
  selectAll,
  selectedNote,
  selectedSteps,
  tidy,
  toggleDisabled,
} from './edit';
import { copyText } from '@/lib/copy';
import { toastError } from '@/components/toast';

/** Something a person can do in the builder, by key, menu or button. */
export interface Action {
  readonly title: string;
  /** As they are written on keys: `Shift+Alt+T`, `Ctrl+Z`; on a Mac Ctrl is Command. */
  readonly keys: readonly string[];
  /** Needs the right to change the workflow. */
  readonly isEdit: boolean;
  /** Whether it makes sense now; always, without it. */
  readonly isPossible?: () => boolean;
  readonly run: () => void;
}

const state = () => useBuilder.getState();
const hasSteps = (): boolean => selectedSteps().length > 0;
const hasSelection = (): boolean => state().selection.nodes.size + state().selection.edges.size > 0;
const only = () => selectedStep(state());

/** Where a list for a step opens: below its card. */
export function belowStep(id: string) {
  const node = shownGraph(state()).nodes.find((one) => one.id === id);
  const { x = 0, y = 0 } = node?.position ?? {};
  return canvas()?.toScreen({ x, y: y + CARD.height }) ?? { x: 200, y: 200 };
}

function screenCenter() {
  const handle = canvas();
  return handle?.toScreen(handle.center()) ?? { x: 200, y: 200 };
}

function add(): void {
  const step = only();
  if (step) openPicker({ type: 'step', at: belowStep(step.id), from: { id: step.id, direction: 'from' } });
  else openPicker({ type: 'step', at: screenCenter(), place: canvas()?.center() ?? { x: 0, y: 0 } });
}

function walk(direction: Direction): void {
  const ids = selectedSteps();
  const to = nextStep(shownGraph(state()), ids.at(-1), direction);
  if (to === undefined) return;
  selectSteps([to]);
  canvas()?.reveal(to);
  canvas()?.focus(to);
}

const toClipboard = (text: string): void => {
  copyText(text).catch((error: unknown) => toastError('Could not copy', error));
};

function escape(): void {
  const { selection, scope } = state();
  if (selection.nodes.size + selection.edges.size > 0) select(NOTHING_SELECTED);
  else if (scope.length > 0) enterScope(scope.slice(0, -1));
}

const STEP_PX = 8;

export const ACTIONS = {
  add: { title: 'Add a step', keys: ['N'], isEdit: true, run: add },
  open: {
    title: 'Configure',
    keys: ['Enter'],
    isEdit: false,
    isPossible: () => only() !== undefined || selectedNote() !== undefined,
    run: () => {
      const note = selectedNote();
      if (note !== undefined) {
        canvas()?.write(note);
        return;
      }
      const step = only();
      if (step) showStep(step.id, ['data', 'label']);
      useBuilderView.setState({ hasPanel: true });
    },
  },
  enter: {
    title: 'Open the steps inside',
    keys: ['O'],
    isEdit: false,
    isPossible: () => {
      const step = only();
      return step !== undefined && hasBody(step);
    },
    run: () => {
      const step = only();
      if (step) enterScope([...state().scope, step.id]);
    },
  },
  rename: {
    title: 'Rename',
    keys: ['F2'],
    isEdit: true,
    isPossible: () => only() !== undefined,
    run: () => {
      const step = only();
      if (step) openPicker({ type: 'rename', id: step.id, at: belowStep(step.id) });
    },
  },
  connect: {
    title: 'Connect to …',
    keys: ['C'],
    isEdit: true,
    isPossible: () => only() !== undefined,
    run: () => {
      const step = only();
      if (step) openPicker({ type: 'connect', source: step.id, at: belowStep(step.id) });
    },
  },
  disable: {
    title: 'Switch off or on',
    keys: ['D'],
    isEdit: true,
    isPossible: hasSteps,
    run: toggleDisabled,
  },
  pin: {
    title: 'Pin the last output, or unpin it',
    keys: ['P'],
    isEdit: true,
    isPossible: () => only() !== undefined,
    run: () => {
      const step = only();
      if (step) pinShownOutput(step, state().workflowId ?? '');
    },
  },
  runTo: {
    title: 'Run to here',
    keys: [],
    isEdit: false,
    isPossible: () => only() !== undefined,
    run: () => {
      const step = only();
      if (step) askToRun({ until: { id: step.id, title: titleOf(step) } });
    },
  },
  copy: {
    title: 'Copy',
    keys: [],
    isEdit: false,
    isPossible: hasSelection,
    run: () => toClipboard(copiedText() ?? ''),
  },
  cut: {
    title: 'Cut',
    keys: [],
    isEdit: true,
    isPossible: hasSelection,
    run: () => {
      toClipboard(copiedText() ?? '');
      removeSelected();
    },
  },
  paste: {
    title: 'Paste',
    keys: [],
    isEdit: true,
    run: () => {
      navigator.clipboard
        .readText()
        .then(pasteText, (error: unknown) => toastError('Could not paste', error));
    },
  },
  duplicate: { title: 'Duplicate', keys: ['Ctrl+D'], isEdit: true, isPossible: hasSelection, run: duplicate },
  group: { title: 'Group', keys: ['Ctrl+G'], isEdit: true, isPossible: hasSteps, run: groupSelected },
  remove: {
    title: 'Delete',
    keys: ['Delete', 'Backspace'],
    isEdit: true,
    isPossible: hasSelection,
    run: removeSelected,
  },
  undo: { title: 'Undo', keys: ['Ctrl+Z'], isEdit: true, run: undo },
  redo: { title: 'Redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], isEdit: true, run: redo },
  note: { title: 'Add a note', keys: ['Shift+S'], isEdit: true, run: () => addNote() },
  tidy: { title: 'Tidy up', keys: ['Shift+Alt+T'], isEdit: true, run: () => void tidy() },
  selectAll: { title: 'Select all', keys: ['Ctrl+A'], isEdit: false, run: selectAll },
  selectUp: {
    title: 'Select all before',
    keys: ['Shift+ArrowLeft'],
    isEdit: false,
    isPossible: hasSteps,
    run: () => selectSteps(reach(shownGraph(state()), selectedSteps(), 'upstream')),
  },
  selectDown: {
    title: 'Select all behind',
    keys: ['Shift+ArrowRight'],
    isEdit: false,
    isPossible: hasSteps,
    run: () => selectSteps(reach(shownGraph(state()), selectedSteps(), 'downstream')),
  },
  walkLeft: { title: 'Step before', keys: ['ArrowLeft'], isEdit: false, run: () => walk('left') },
  walkRight: { title: 'Step behind', keys: ['ArrowRight'], isEdit: false, run: () => walk('right') },
  walkUp: { title: 'Step above', keys: ['ArrowUp'], isEdit: false, run: () => walk('up') },
  walkDown: { title: 'Step below', keys: ['ArrowDown'], isEdit: false, run: () => walk('down') },
  moveLeft: {
    title: 'Move left',
    keys: ['Alt+ArrowLeft'],
    isEdit: true,
    isPossible: hasSteps,
    run: () => nudge(-STEP_PX, 0),
  },
  moveRight: {
    title: 'Move right',
    keys: ['Alt+ArrowRight'],
    isEdit: true,
    isPossible: hasSteps,
    run: () => nudge(STEP_PX, 0),
  },
  moveUp: {
    title: 'Move up',
    keys: ['Alt+ArrowUp'],
    isEdit: true,
    isPossible: hasSteps,
    run: () => nudge(0, -STEP_PX),
  },
  moveDown: {
    title: 'Move down',
    keys: ['Alt+ArrowDown'],
    isEdit: true,
    isPossible: hasSteps,
    run: () => nudge(0, STEP_PX),
  },
  zoomIn: { title: 'Zoom in', keys: ['+', '='], isEdit: false, run: () => canvas()?.zoomIn() },
  zoomOut: { title: 'Zoom out', keys: ['-'], isEdit: false, run: () => canvas()?.zoomOut() },
  zoomFull: { title: 'Zoom to 100%', keys: ['0'], isEdit: false, run: () => canvas()?.zoomTo(1) },
  fit: { title: 'Show all', keys: ['1'], isEdit: false, run: () => canvas()?.fit() },
  escape: {
    title: 'Select nothing, or leave the steps inside',
    keys: ['Escape'],
    isEdit: false,
    run: escape,
  },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof ACTIONS;
export const actionOf = (name: ActionName): Action => ACTIONS[name];

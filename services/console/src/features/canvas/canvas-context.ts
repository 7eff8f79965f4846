import { createContext, use, type ReactNode } from 'react';
import { createStore, useStore, type StoreApi } from 'zustand';
import type { Point } from './graph';
import { NO_RUN, type RunStatus } from './run-status';

export type CanvasMode = 'edit' | 'view';

/** A connection that is being drawn: for every card why it cannot end there, or nothing where it can. */
export interface Connecting {
  readonly from: string;
  readonly refusals: ReadonlyMap<string, string>;
}

/** What cards and edges need of the canvas around them. It stays the same object while steps are drawn and moved. */
export interface CanvasContextValue {
  readonly mode: CanvasMode;
  readonly run: RunStatus;
  readonly connecting: StoreApi<{ readonly current: Connecting | null }>;
  /** The id of the note that is being written. */
  readonly writing: StoreApi<{ readonly note: string | null }>;
  /** Shown above a card while the pointer is on it. */
  readonly toolbar: ((nodeId: string) => ReactNode) | undefined;
  /** The `+` on an edge; `at` is where it was pressed, on the screen. */
  readonly onInsert: ((edgeId: string, at: Point) => void) | undefined;
  /** The text of a note, by gesture. */
  readonly onNoteText: ((noteId: string, text: string) => void) | undefined;
  readonly onNoteResize:
    ((noteId: string, rect: Point & { width: number; height: number }) => void) | undefined;
  readonly onGroupRename: ((groupId: string, label: string) => void) | undefined;
}

export const createConnecting = (): CanvasContextValue['connecting'] =>
  createStore(() => ({ current: null }));
export const createWriting = (): CanvasContextValue['writing'] => createStore(() => ({ note: null }));

const CanvasContext = createContext<CanvasContextValue>({
  mode: 'view',
  run: NO_RUN,
  connecting: createConnecting(),
  writing: createWriting(),
  toolbar: undefined,
  onInsert: undefined,
  onNoteText: undefined,
  onNoteResize: undefined,
  onGroupRename: undefined,
});

export const CanvasProvider = CanvasContext.Provider;
export const useCanvas = (): CanvasContextValue => use(CanvasContext);

/** How a card looks while a connection is drawn: lit where it may end. */
export function useConnectable(nodeId: string): 'target' | 'refused' | undefined {
  const { connecting } = useCanvas();
  return useStore(connecting, ({ current }) => {
    if (current === null || current.from === nodeId) return undefined;
    return current.refusals.has(nodeId) ? 'refused' : 'target';
  });
}

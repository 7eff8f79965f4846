import { create } from 'zustand';
import type { CanvasHandle } from '@/features/canvas/canvas-handle';
import type { Point } from '@/features/canvas/graph';
import type { CanvasTarget } from '@/features/canvas/graph-canvas';

/** A list or field over the canvas. `at` is on the screen. */
export type Picker =
  | {
      /** Which step to add: at a place, behind or before a step, or in the middle of an edge. */
      readonly type: 'step';
      readonly at: Point;
      readonly place?: Point;
      readonly from?: { readonly id: string; readonly direction: 'from' | 'to' };
      readonly edge?: string;
    }
  | { readonly type: 'connect'; readonly at: Point; readonly source: string }
  | { readonly type: 'port'; readonly at: Point; readonly source: string; readonly target: string }
  | { readonly type: 'rename'; readonly at: Point; readonly id: string };

interface BuilderView {
  readonly picker: Picker | undefined;
  readonly menu: { readonly target: CanvasTarget; readonly at: Point } | undefined;
  readonly side: 'palette' | 'outline' | undefined;
  /** Whether the panel is shown on a narrow screen, where it lies over the canvas. */
  readonly hasPanel: boolean;
}

/** What is open on the page: nothing that is saved, undone or told to others. */
export const useBuilderView = create<BuilderView>(() => ({
  picker: undefined,
  menu: undefined,
  side: 'palette',
  hasPanel: false,
}));

export const openPicker = (picker: Picker): void => useBuilderView.setState({ picker, menu: undefined });
export const closePicker = (): void => useBuilderView.setState({ picker: undefined });
export const openMenu = (menu: BuilderView['menu']): void => useBuilderView.setState({ menu });
export const showSide = (side: BuilderView['side']): void => useBuilderView.setState({ side });

let handle: CanvasHandle | null = null;
/** The canvas on the page. */
export const canvas = (): CanvasHandle | null => handle;
export const holdCanvas = (shown: CanvasHandle | null): void => {
  handle = shown;
};

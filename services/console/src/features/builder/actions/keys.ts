import { ACTIONS, type Action } from './list';

/** A key press as actions write it: modifiers in the order Ctrl, Shift, Alt. */
export function keyName({ key, code, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): string {
  // Alt changes what a letter types on a Mac, and Shift what a letter looks like.
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const base = letter ?? (key.length === 1 ? key.toUpperCase() : key);
  const isSign = letter === undefined && key.length === 1;
  return [
    ctrlKey || metaKey ? 'Ctrl' : '',
    // The sign itself says that Shift was held: `+` is Shift and `=` on many keyboards.
    shiftKey && !isSign ? 'Shift' : '',
    altKey ? 'Alt' : '',
    base,
  ]
    .filter((part) => part !== '')
    .join('+');
}

const byKey = new Map<string, Action>(
  Object.values<Action>(ACTIONS).flatMap((action) =>
    action.keys.map((key): [string, Action] => [key, action]),
  ),
);

export const actionForKey = (event: KeyboardEvent): Action | undefined => byKey.get(keyName(event));

/** Keys that whatever has the focus may want for itself: a button, a tab, a tree. */
const OWN_KEYS = new Set(['Enter', 'Space', 'Escape', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']);

/** Whether a press with the focus here is meant for the canvas. With Ctrl it is wherever the focus is. */
export function isForCanvas(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return true;
  const { target } = event;
  // A click on the empty canvas puts the focus on what lies around the builder: the page, or its main part.
  if (!(target instanceof Element) || target.querySelector('[data-builder]') !== null) return true;
  if (target.closest('[data-canvas-keys]') !== null) {
    const isButton = target.closest('button, a') !== null;
    return !(isButton && OWN_KEYS.has(event.key));
  }
  return target.closest('[data-builder]') !== null && !OWN_KEYS.has(event.key);
}

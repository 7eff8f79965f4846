import { useEffect, useRef, type RefObject } from 'react';
import type { Shown } from '../store';

const FOCUSABLE = 'input, textarea, button[role="combobox"], button[role="switch"], [contenteditable="true"]';
/** Editors are loaded when they are first shown. */
const TRIES = 40;

/** Puts the focus on the field that somebody asked to be shown, on the nearest one around it where it has no control. */
export function useShownField(shown: Shown | undefined, tab: string): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!shown || shown.field.length === 0) return;
    let frame = 0;
    const look = (tries: number): void => {
      const control = controlAt(box.current, shown.field);
      if (control) {
        control.focus();
        control.scrollIntoView({ block: 'center' });
      } else if (tries > 0) frame = requestAnimationFrame(() => look(tries - 1));
    };
    look(TRIES);
    return () => cancelAnimationFrame(frame);
  }, [shown, tab]);
  return box;
}

/** Fields of a configuration are known by their way in it, others by their own name. */
function controlAt(box: HTMLElement | null, field: Shown['field']): HTMLElement | null {
  const way = field[1] === 'config' || field[1] === 'retry' ? field.slice(2) : field.slice(1);
  for (let length = way.length; length > 0; length -= 1) {
    const key = way.slice(0, length).join('.');
    const control = box
      ?.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`)
      ?.querySelector<HTMLElement>(FOCUSABLE);
    if (control) return control;
  }
  return null;
}

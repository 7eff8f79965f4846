import { useEffect, useMemo, useState } from 'react';
import { isTyping } from '@/lib/typing';

/** Which rows of the timeline are open: all or none of them, but for those that somebody pressed. */
export interface OpenRows {
  has(key: string): boolean;
}

/** `e` opens everything, also what is still to come, and `w` closes it; a press does the other thing with one row. */
export function useOpenRows(): { open: OpenRows; toggle: (key: string) => void } {
  const [state, setState] = useState({ all: false, pressed: new Set<string>() });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'e' || event.key === 'w') setState({ all: event.key === 'e', pressed: new Set() });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const open = useMemo((): OpenRows => ({ has: (key) => state.all !== state.pressed.has(key) }), [state]);
  return {
    open,
    toggle(key) {
      setState(({ all, pressed }) => {
        const after = new Set(pressed);
        if (!after.delete(key)) after.add(key);
        return { all, pressed: after };
      });
    },
  };
}

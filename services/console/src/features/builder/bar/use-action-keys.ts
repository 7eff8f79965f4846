import { useEffect, useEffectEvent } from 'react';
import { askToRun } from '../running/run-request';

/**
 * Ctrl+S publishes and Ctrl+Enter runs, also while something is typed: neither writes anything there. In a dialog they
 * are the dialog's.
 */
export function useActionKeys(onPublish: () => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.repeat) return;
    const isInDialog =
      event.target instanceof Element && event.target.closest('[role="dialog"], [role="alertdialog"]');
    if (event.key === 's') {
      event.preventDefault();
      if (!isInDialog) onPublish();
    } else if (event.key === 'Enter' && !isInDialog) {
      event.preventDefault();
      event.stopPropagation();
      askToRun();
    }
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => press(event);
    // Before an editor takes Ctrl+Enter for a line break.
    window.addEventListener('keydown', listen, { capture: true });
    return () => window.removeEventListener('keydown', listen, { capture: true });
  }, []);
}

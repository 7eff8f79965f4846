import { useEffect } from 'react';
import { isTyping } from '@/lib/typing';
import { openPalette, setHelpOpen } from './palette-store';

/** Ctrl K (or ⌘ K) anywhere, `?` where nobody types. */
export function usePaletteKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
      } else if (event.key === '?' && !isTyping(event)) {
        event.preventDefault();
        setHelpOpen(true);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

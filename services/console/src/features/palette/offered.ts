import { useEffect } from 'react';
import { create } from 'zustand';
import type { PaletteCommand } from './commands';

/** What the page that is open adds to the palette. */
export const useOfferedCommands = create<{ readonly commands: readonly PaletteCommand[] }>(() => ({
  commands: [],
}));

/** Offers commands in the palette while the component is there. Keep the array stable (useMemo). */
export function useOfferCommands(commands: readonly PaletteCommand[]): void {
  useEffect(() => {
    useOfferedCommands.setState({ commands });
    return () => useOfferedCommands.setState({ commands: [] });
  }, [commands]);
}

import { create } from 'zustand';

interface Overlays {
  readonly open: boolean;
  readonly helpOpen: boolean;
}

export const usePalette = create<Overlays>(() => ({ open: false, helpOpen: false }));

export const openPalette = (): void => usePalette.setState({ open: true });
export const setPaletteOpen = (open: boolean): void => usePalette.setState({ open });
export const setHelpOpen = (helpOpen: boolean): void => usePalette.setState({ helpOpen });

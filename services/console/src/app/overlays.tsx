import { lazy, Suspense } from 'react';
import { usePalette } from '@/features/palette/palette-store';
import { usePaletteKeys } from '@/features/palette/use-palette-keys';

const Palette = lazy(async () => ({ default: (await import('@/features/palette/palette')).Palette }));
const KeyboardHelp = lazy(async () => ({
  default: (await import('@/features/palette/keyboard-help')).KeyboardHelp,
}));

/** The palette and the keyboard help, loaded when first asked for. */
export function Overlays() {
  usePaletteKeys();
  const { open, helpOpen } = usePalette();
  return (
    <Suspense fallback={null}>
      {open && <Palette />}
      {helpOpen && <KeyboardHelp />}
    </Suspense>
  );
}

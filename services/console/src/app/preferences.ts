import { useEffect, useSyncExternalStore } from 'react';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';

interface Preferences {
  readonly theme: Theme;
  readonly density: Density;
  /** An IANA name; undefined is the zone of this device. */
  readonly timeZone?: string | undefined;
  readonly sidebarCollapsed: boolean;
}

/** How this person likes to see the console, kept in this browser. */
export const usePreferences = create<Preferences>()(
  persist((): Preferences => ({ theme: 'system', density: 'comfortable', sidebarCollapsed: false }), {
    name: 'millrace-preferences',
    version: 1,
  }),
);

export const setPreferences = (changes: Partial<Preferences>): void => {
  usePreferences.setState(changes);
};

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

function subscribeToScheme(listener: () => void): () => void {
  darkQuery.addEventListener('change', listener);
  return () => darkQuery.removeEventListener('change', listener);
}

/** The theme that is shown, after the system has been asked. */
export function useShownTheme(): 'light' | 'dark' {
  const prefersDark = useSyncExternalStore(subscribeToScheme, () => darkQuery.matches);
  const theme = usePreferences((preferences) => preferences.theme);
  if (theme === 'system') return prefersDark ? 'dark' : 'light';
  return theme;
}

/** Puts theme and density on the document. */
export function useAppliedPreferences(): void {
  const theme = useShownTheme();
  const density = usePreferences((preferences) => preferences.density);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    document.documentElement.dataset['density'] = density;
  }, [theme, density]);
}

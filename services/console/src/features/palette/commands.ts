import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, Moon, Plus, Rows3, Sun, type LucideIcon } from 'lucide-react';
import { useRights } from '@/api/session';
import { signOut } from '@/api/sign-in';
import { DESTINATIONS } from '@/app/navigation';
import { setPreferences, usePreferences, useShownTheme } from '@/app/preferences';
import { toastError } from '@/components/toast';
import { useWorkflowActions } from '@/features/workflows/actions';
import { useOfferedCommands } from './offered';
import { setHelpOpen } from './palette-store';

export interface PaletteCommand {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** How the keyboard does the same. */
  readonly keys?: string;
  readonly note?: string;
  /** Other words it is found by. */
  readonly words?: readonly string[];
  readonly act: () => void;
}

/** What the page offers, then where to go, then what is possible anywhere. */
export function usePaletteCommands(): PaletteCommand[] {
  const navigate = useNavigate();
  const { can } = useRights();
  const { create } = useWorkflowActions();
  const theme = useShownTheme();
  const density = usePreferences((preferences) => preferences.density);
  const offered = useOfferedCommands((state) => state.commands);

  const places = DESTINATIONS.flatMap(({ items }) => items)
    .filter(({ scope }) => scope === undefined || can(scope))
    .map(({ to, label, icon }): PaletteCommand => ({
      ...{ id: `go ${to}`, group: 'Go to', label, icon },
      act: () => void navigate({ to, search: {} }),
    }));
  const anywhere: PaletteCommand[] = [
    ...(can('workflow:write')
      ? [
          {
            ...{ id: 'new workflow', group: 'Do', label: 'New workflow', icon: Plus },
            words: ['create', 'add'],
            act: () => void create('Untitled workflow'),
          },
        ]
      : []),
    {
      ...{ id: 'theme', group: 'Do', icon: theme === 'dark' ? Sun : Moon },
      label: theme === 'dark' ? 'Light theme' : 'Dark theme',
      words: ['mode', 'colour', 'color'],
      act: () => setPreferences({ theme: theme === 'dark' ? 'light' : 'dark' }),
    },
    {
      ...{ id: 'density', group: 'Do', icon: Rows3 },
      label: density === 'compact' ? 'Comfortable rows' : 'Compact rows',
      words: ['density'],
      act: () => setPreferences({ density: density === 'compact' ? 'comfortable' : 'compact' }),
    },
    {
      ...{ id: 'keys', group: 'Do', label: 'Keyboard shortcuts', icon: Keyboard, keys: '?' },
      words: ['help'],
      act: () => setHelpOpen(true),
    },
    {
      ...{ id: 'sign out', group: 'Do', label: 'Sign out', icon: LogOut },
      words: ['log out', 'leave'],
      act: () => {
        signOut().catch((error: unknown) => toastError('Could not sign out', error));
      },
    },
  ];
  return [...offered, ...places, ...anywhere];
}

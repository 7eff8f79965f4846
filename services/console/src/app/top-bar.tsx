import { Link, useNavigate } from '@tanstack/react-router';
import {
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  PanelLeft,
  Search,
  Settings,
  Sun,
  UserRound,
} from 'lucide-react';
import { useRights } from '@/api/session';
import { signOut } from '@/api/sign-in';
import { toastError } from '@/components/toast';
import { Kbd } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '@/components/ui/menu';
import { openPalette } from '@/features/palette/palette-store';
import { Brand } from './brand';
import { setPreferences, usePreferences, type Theme } from './preferences';

const THEMES: readonly { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: 'system', label: 'As the system', icon: Monitor },
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
];

export function TopBar({ onOpenMenu }: { onOpenMenu: () => void }) {
  const collapsed = usePreferences((preferences) => preferences.sidebarCollapsed);
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-card px-3">
      <Button variant="ghost" size="icon" hint="Navigation" className="md:hidden" onClick={onOpenMenu}>
        <MenuIcon aria-hidden className="size-4" />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        hint={collapsed ? 'Show the names' : 'Icons only'}
        className="hidden md:inline-flex"
        onClick={() => setPreferences({ sidebarCollapsed: !collapsed })}
      >
        <PanelLeft aria-hidden className="size-4" />
      </Button>
      <Link to="/" aria-label="Millrace, home" className="mr-2">
        <Brand />
      </Link>
      <div className="flex-1" />
      <button
        type="button"
        onClick={openPalette}
        className="flex h-8 min-w-0 items-center gap-2 rounded-control border border-line px-2.5 text-12 text-muted hover:bg-hover md:w-64"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="flex-1 truncate text-left max-md:sr-only">Search or do something</span>
        <Kbd className="max-md:hidden">Ctrl K</Kbd>
      </button>
      <AccountMenu />
    </header>
  );
}

function AccountMenu() {
  const { username } = useRights();
  const chosen = usePreferences((preferences) => preferences.theme);
  const navigate = useNavigate();
  return (
    <Menu
      trigger={
        <Button variant="ghost" aria-label={`Account of ${username}`}>
          <UserRound aria-hidden className="size-4" />
          <span className="max-w-32 truncate max-md:sr-only">{username}</span>
        </Button>
      }
    >
      <MenuLabel>Theme</MenuLabel>
      {THEMES.map(({ theme, label, icon: Icon }) => (
        <MenuItem
          key={theme}
          icon={<Icon aria-hidden />}
          keys={theme === chosen ? '✓' : ''}
          onSelect={() => setPreferences({ theme })}
        >
          {label}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem icon={<Settings aria-hidden />} onSelect={() => void navigate({ to: '/settings' })}>
        Settings
      </MenuItem>
      <MenuItem
        icon={<LogOut aria-hidden />}
        onSelect={() => {
          signOut().catch((error: unknown) => toastError('Could not sign out', error));
        }}
      >
        Sign out
      </MenuItem>
    </Menu>
  );
}

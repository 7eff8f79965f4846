import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { Sheet } from '@/components/ui/sheet';
import { Overlays } from './overlays';
import { usePreferences } from './preferences';
import { Sidebar } from './sidebar';
import { TopBar } from './top-bar';

/** Navigation at the left, on a narrow screen behind a button; the page beside it. */
export function Shell() {
  const collapsed = usePreferences((preferences) => preferences.sidebarCollapsed);
  const [menuOpen, setMenuOpen] = useState(false);
  return (
    <div className="flex h-full">
      <a
        href="#content"
        className="sr-only z-80 bg-card px-3 py-2 focus:not-sr-only focus:absolute focus:left-2 focus:top-2"
      >
        Skip to the content
      </a>
      <div className="hidden h-full shrink-0 border-r border-line bg-card md:block">
        <Sidebar collapsed={collapsed} />
      </div>
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onOpenMenu={() => setMenuOpen(true)} />
        <main id="content" tabIndex={-1} className="relative min-h-0 flex-1 overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <Sheet open={menuOpen} onOpenChange={setMenuOpen} title="Millrace" side="left">
        <Sidebar collapsed={false} onNavigate={() => setMenuOpen(false)} />
      </Sheet>
      <Overlays />
    </div>
  );
}

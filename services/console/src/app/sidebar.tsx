import { Link } from '@tanstack/react-router';
import { useRights } from '@/api/session';
import { Tooltip } from '@/components/ui/tooltip';
import { cx } from '@/lib/classes';
import { DESTINATIONS, type Destination } from './navigation';

interface SidebarProps {
  collapsed: boolean;
  onNavigate?: () => void;
}

export function Sidebar({ collapsed, onNavigate }: SidebarProps) {
  const { can } = useRights();
  return (
    <nav
      aria-label="Main"
      className={cx(
        'flex h-full flex-col gap-4 overflow-y-auto px-2 py-3',
        collapsed ? 'w-13' : 'w-52 max-md:w-full',
      )}
    >
      {DESTINATIONS.map(({ title, items }) => {
        const shown = items.filter(({ scope }) => scope === undefined || can(scope));
        if (shown.length === 0) return null;
        return (
          <div key={title} className="flex flex-col gap-0.5">
            <p className={cx('px-2 pb-0.5 text-11 text-muted', collapsed && 'sr-only')}>{title}</p>
            {shown.map((item) => (
              <Entry key={item.to} item={item} collapsed={collapsed} onNavigate={onNavigate} />
            ))}
          </div>
        );
      })}
    </nav>
  );
}

function Entry({
  item: { to, label, icon: Icon },
  collapsed,
  onNavigate,
}: {
  item: Destination;
  collapsed: boolean;
  onNavigate: (() => void) | undefined;
}) {
  const link = (
    <Link
      to={to}
      onClick={onNavigate}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="flex h-8 items-center gap-2.5 rounded-control px-2 text-13 text-muted hover:bg-hover hover:text-ink data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-ink"
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className={cx(collapsed && 'sr-only')}>{label}</span>
    </Link>
  );
  return collapsed ? (
    <Tooltip content={label} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

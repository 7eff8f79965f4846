import { useEffect, type ReactNode } from 'react';
import { cx } from '@/lib/classes';

interface PageProps {
  title: string;
  /** In place of the title's text, where it needs more than words. */
  heading?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** Takes the height of the window and lets its content scroll in boxes of its own. */
  fill?: boolean;
  children: ReactNode;
}

/** The frame of an ordinary page: title, actions, content, and the title of the tab. */
export function Page({ title, heading, description, actions, fill = false, children }: PageProps) {
  useDocumentTitle(title);
  return (
    <div
      className={cx(
        'mx-auto flex w-full max-w-7xl flex-col gap-4 px-4 py-5 md:px-6',
        fill && 'h-full min-h-120 max-w-none',
      )}
    >
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-18">{heading ?? title}</h1>
          {description !== undefined && <p className="text-13 text-muted">{description}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
}

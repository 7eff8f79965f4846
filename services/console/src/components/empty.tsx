import type { ReactNode } from 'react';

interface EmptyProps {
  title: string;
  /** "Nothing yet" teaches what would be here; "no match" offers to clear the filters. */
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-card border border-dashed border-line px-6 py-12 text-center">
      <p className="text-15 font-semibold">{title}</p>
      {children !== undefined && <div className="max-w-md text-13 text-muted">{children}</div>}
      {action !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

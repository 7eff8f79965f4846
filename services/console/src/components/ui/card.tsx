import type { HTMLAttributes, ReactNode } from 'react';
import { cx } from '@/lib/classes';

export function Card({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={cx('rounded-card border border-line bg-card', className)} {...rest} />;
}

/** A titled part of a page. */
export function Section({
  title,
  actions,
  children,
  className,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={cx('flex flex-col gap-2', className)}>
      <div className="flex min-h-8 items-center gap-2">
        <h2 className="flex-1 text-15">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

import type { HTMLAttributes, TdHTMLAttributes, ThHTMLAttributes } from 'react';
import { cx } from '@/lib/classes';

/** A plain table that scrolls sideways in its own box. Long lists are virtual: see components/virtual-table. */
export function Table({ className, ...rest }: HTMLAttributes<HTMLTableElement>) {
  return (
    <div className="overflow-x-auto rounded-card border border-line bg-card">
      <table className={cx('w-full border-collapse text-13', className)} {...rest} />
    </div>
  );
}

export function Th({ className, ...rest }: ThHTMLAttributes<HTMLTableCellElement>) {
  return (
    <th
      scope="col"
      className={cx(
        'h-8 whitespace-nowrap border-b border-line px-3 text-left text-12 font-medium text-muted',
        className,
      )}
      {...rest}
    />
  );
}

export function Td({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  return (
    <td
      className={cx('h-(--row-height) border-b border-line px-3 [tr:last-child>&]:border-b-0', className)}
      {...rest}
    />
  );
}

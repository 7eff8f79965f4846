import type { HTMLAttributes } from 'react';
import { cx } from '@/lib/classes';

/** A short word in a hairline box: a tag, a scope, a version. */
export function Badge({ className, ...rest }: HTMLAttributes<HTMLSpanElement>) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 whitespace-nowrap rounded-control border border-line px-1.5 text-11 text-muted',
        className,
      )}
      {...rest}
    />
  );
}

export function Kbd({ className, ...rest }: HTMLAttributes<HTMLElement>) {
  return (
    <kbd
      className={cx(
        'rounded-[3px] border border-line bg-raised px-1 font-mono text-11 text-muted',
        className,
      )}
      {...rest}
    />
  );
}

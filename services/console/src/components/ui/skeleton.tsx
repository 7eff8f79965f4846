import { cx } from '@/lib/classes';

/** A grey bar in the shape of what is coming. It appears only after 200 ms. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div aria-hidden className={cx('skeleton h-4 w-full', className)} />
);

/** The rows of a list that is on its way. */
export function SkeletonRows({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col rounded-card border border-line bg-card">
      {Array.from({ length: rows }, (_, row) => (
        <div
          key={row}
          className="flex h-(--row-height) items-center gap-4 border-b border-line px-3 last:border-b-0"
        >
          <Skeleton className="w-4" />
          <Skeleton className="w-1/4" />
          <Skeleton className="w-1/6" />
          <Skeleton className="ml-auto w-24" />
        </div>
      ))}
    </div>
  );
}

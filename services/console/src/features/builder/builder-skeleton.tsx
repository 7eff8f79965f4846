import { Skeleton } from '@/components/ui/skeleton';

/** The builder before its workflow is here. */
export const BuilderSkeleton = () => (
  <div role="status" aria-label="Loading the workflow" className="flex h-full flex-col">
    <div className="flex h-12 items-center gap-3 border-b border-line bg-card px-4">
      <Skeleton className="w-48" />
    </div>
    <div className="flex min-h-0 flex-1">
      <div className="hidden w-56 flex-col gap-3 border-r border-line bg-card p-3 md:flex">
        {Array.from({ length: 8 }, (_, row) => (
          <Skeleton key={row} className="h-6" />
        ))}
      </div>
      <div className="flex flex-1 items-center justify-center gap-20">
        <Skeleton className="h-21 w-66" />
        <Skeleton className="h-21 w-66 max-lg:hidden" />
      </div>
    </div>
  </div>
);

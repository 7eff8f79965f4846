import { SkeletonRows } from '@/components/ui/skeleton';

/** A page whose code is on its way. */
export const PagePending = () => (
  <div className="mx-auto w-full max-w-7xl px-4 py-5 md:px-6">
    <SkeletonRows label="Loading the page" />
  </div>
);

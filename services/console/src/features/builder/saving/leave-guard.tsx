import { useBlocker } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Confirm } from '@/components/ui/confirm';
import type { Saver } from './saver';

/** Leaving saves what is open. It asks only where that could not be done. */
export function LeaveGuard({ saver }: { saver: Saver }) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname) return false;
      await saver.flush();
      return !saver.isSaved();
    },
    enableBeforeUnload: () => !saver.isSaved(),
    withResolver: true,
  });
  useEffect(() => {
    const hide = (): void => void saver.flush();
    window.addEventListener('pagehide', hide);
    return () => window.removeEventListener('pagehide', hide);
  }, [saver]);
  return (
    <Confirm
      open={status === 'blocked'}
      onOpenChange={(open) => {
        if (!open) reset?.();
      }}
      title="Leave with unsaved changes?"
      consequence="The platform does not have your latest changes. They are kept in this browser and come back when you open the workflow here again."
      action="Leave"
      onConfirm={() => {
        proceed?.();
        return Promise.resolve();
      }}
    />
  );
}

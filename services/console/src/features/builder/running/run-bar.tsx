import type { ExecutionStatus } from '@millrace/contracts';
import { isTerminal } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { Square, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { Status } from '@/components/status';
import { toastError } from '@/components/toast';
import { Button } from '@/components/ui/button';

/** Which run the canvas shows, how it goes, and the way to all there is to see of it. */
export function RunBar({
  executionId,
  status,
  onClose,
}: {
  executionId: string;
  status: ExecutionStatus | undefined;
  onClose: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const cancel = (): void => {
    setBusy(true);
    api.executions
      .cancel(executionId)
      .catch((error: unknown) => toastError('Could not cancel the run', error))
      .finally(() => setBusy(false));
  };
  return (
    <div
      role="region"
      aria-label="Run on the canvas"
      className="flex items-center gap-2 rounded-card border border-line bg-card px-3 py-1.5 text-12"
    >
      {status === undefined ? (
        <span className="text-muted">Opening the run …</span>
      ) : (
        <Status status={status} />
      )}
      <Link
        to="/executions/$executionId"
        params={{ executionId }}
        className="font-mono text-11 text-accent underline"
      >
        Open the execution
      </Link>
      {status !== undefined && !isTerminal(status) && (
        <Button variant="ghost" size="icon-sm" hint="Cancel the run" busy={busy} onClick={cancel}>
          <Square aria-hidden className="size-3.5" />
        </Button>
      )}
      <Button variant="ghost" size="icon-sm" hint="Show the workflow without the run" onClick={onClose}>
        <X aria-hidden className="size-3.5" />
      </Button>
    </div>
  );
}

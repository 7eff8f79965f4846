import type { BulkAction } from '@millrace/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorNote } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { plural } from '@/lib/format';
import { BulkReportView } from './bulk-report';
import { countBulk, runBulk, type BulkReport, type BulkTarget } from './bulk';

const WORDS: Record<BulkAction, { verb: string; consequence: string }> = {
  cancel: {
    verb: 'Cancel',
    consequence:
      'They end as cancelled, and cannot be resumed. Steps that have begun may have had their effect.',
  },
  pause: {
    verb: 'Pause',
    consequence: 'Steps that run come to their end; no other begins until they are resumed.',
  },
  resume: { verb: 'Resume', consequence: 'They go on where they were paused.' },
  retry: {
    verb: 'Retry',
    consequence: 'Each gets a new execution that goes on where it ended; finished steps keep their outputs.',
  },
};

interface BulkDialogProps {
  action: BulkAction;
  target: BulkTarget;
  onClose: (acted: boolean) => void;
}

/** Says what will happen to how many, does it with progress, and reports what failed. */
export function BulkDialog({ action, target, onClose }: BulkDialogProps) {
  const { verb, consequence } = WORDS[action];
  const queries = useQueryClient();
  const [report, setReport] = useState<BulkReport>();
  const [state, setState] = useState<'asking' | 'working' | 'done'>('asking');
  const [error, setError] = useState<unknown>();
  const count = useQuery({
    queryKey: ['executions', 'bulk-count', action, target],
    queryFn: () => countBulk(action, target),
    staleTime: 0,
  });

  async function act(): Promise<void> {
    setState('working');
    setError(undefined);
    try {
      await runBulk(action, target, setReport);
    } catch (failure) {
      setError(failure);
    }
    setState('done');
    await queries.invalidateQueries({ queryKey: ['executions'] });
  }

  const reach =
    count.data === undefined
      ? 'Counting …'
      : `${plural(count.data.count, 'execution')}${count.data.more ? ' and more' : ''}`;
  const nothing = count.data?.count === 0;
  return (
    <Dialog
      open
      onOpenChange={() => {
        if (state !== 'working') onClose(state === 'done');
      }}
      title={`${verb} ${reach}`}
      footer={
        state === 'done' ? (
          <Button variant="primary" onClick={() => onClose(true)}>
            Close
          </Button>
        ) : (
          <>
            <Button
              onClick={() => onClose(false)}
              disabledReason={state === 'working' ? 'It is under way.' : undefined}
            >
              Back
            </Button>
            <Button
              variant={action === 'cancel' ? 'danger' : 'primary'}
              busy={state === 'working'}
              disabledReason={nothing ? 'Nothing matches any more.' : undefined}
              onClick={() => void act()}
            >
              {verb} {reach}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-3">
        {state === 'asking' && <p>{consequence}</p>}
        {count.isError && <ErrorNote error={count.error} onRetry={() => void count.refetch()} />}
        {report && (
          <BulkReportView report={report} isRetry={action === 'retry'} working={state === 'working'} />
        )}
        {error !== undefined && <ErrorNote error={error} onRetry={() => void act()} />}
      </div>
    </Dialog>
  );
}

import type { DeadLetter, VersionChoice } from '@millrace/contracts';
import { useState } from 'react';
import { api } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { Segmented } from '@/components/ui/choice';
import { Dialog } from '@/components/ui/dialog';
import { repeatWhileMore, type BulkReport } from '@/features/executions/bulk';
import { BulkReportView } from '@/features/executions/bulk-report';
import { plural } from '@/lib/format';
import { useForgetDeadLetters } from './queries';

const VERSIONS = [
  { value: 'same', label: 'The version that failed' },
  { value: 'latest', label: 'The newest version' },
] as const;

/** Retries a whole group, batch after batch, and says what could not be retried. */
export function RedriveDialog({ group, onClose }: { group: DeadLetter; onClose: () => void }) {
  const forget = useForgetDeadLetters();
  const [version, setVersion] = useState<VersionChoice>('same');
  const [report, setReport] = useState<BulkReport>();
  const [state, setState] = useState<'asking' | 'working' | 'done'>('asking');
  const [error, setError] = useState<unknown>();

  async function redrive(): Promise<void> {
    setState('working');
    setError(undefined);
    try {
      await repeatWhileMore(() => api.deadLetters.redrive(group.fingerprint, { version }), setReport);
    } catch (failure) {
      setError(failure);
    }
    setState('done');
    await forget();
  }

  return (
    <Dialog
      open
      onOpenChange={() => {
        if (state !== 'working') onClose();
      }}
      title={`Retry ${plural(group.count, 'failure')}`}
      description="Each gets a new execution that goes on where it ended; finished steps keep their outputs."
      footer={
        state === 'done' ? (
          <Button variant="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose} disabledReason={state === 'working' ? 'It is under way.' : undefined}>
              Back
            </Button>
            <Button variant="primary" busy={state === 'working'} onClick={() => void redrive()}>
              Retry all
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-3">
        {state === 'asking' && (
          <Segmented
            label="With which version"
            value={version}
            onChange={setVersion}
            options={VERSIONS}
            className="w-fit"
          />
        )}
        {report && <BulkReportView report={report} isRetry working={state === 'working'} />}
        {error !== undefined && <ErrorNote error={error} onRetry={() => void redrive()} />}
      </div>
    </Dialog>
  );
}

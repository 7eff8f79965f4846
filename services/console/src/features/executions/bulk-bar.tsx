import { isTerminal, type BulkAction, type ExecutionResource } from '@millrace/contracts';
import { useState } from 'react';
import { useRights } from '@/api/session';
import { Button } from '@/components/ui/button';
import { plural } from '@/lib/format';
import { BulkDialog } from './bulk-dialog';
import { bulkFilterOf } from './bulk';
import type { ExecutionsSearch } from './search';

interface BulkBarProps {
  search: ExecutionsSearch;
  selected: readonly ExecutionResource[];
  onDone: () => void;
}

const ACTIONS: readonly { action: BulkAction; word: string; applies: (one: ExecutionResource) => boolean }[] =
  [
    { action: 'cancel', word: 'Cancel', applies: ({ status }) => !isTerminal(status) },
    { action: 'pause', word: 'Pause', applies: ({ status }) => !isTerminal(status) && status !== 'paused' },
    { action: 'resume', word: 'Resume', applies: ({ status }) => status === 'paused' },
    {
      action: 'retry',
      word: 'Retry',
      applies: ({ status }) => status === 'failed' || status === 'timed_out' || status === 'cancelled',
    },
  ];

/** What can be done to the chosen executions, or to all that match the filter. */
export function BulkBar({ search, selected, onDone }: BulkBarProps) {
  const { whyNot } = useRights();
  const [asked, setAsked] = useState<{ action: BulkAction; everything: boolean }>();
  const [everything, setEverything] = useState(false);
  const filter = bulkFilterOf(search);
  if (selected.length === 0 && asked === undefined) return null;
  return (
    <div
      role="region"
      aria-label="Chosen executions"
      className="flex shrink-0 flex-wrap items-center gap-2 rounded-card border border-line bg-raised px-3 py-2"
    >
      <span className="mr-2 font-medium">
        {everything ? 'All that match the filter' : `${plural(selected.length, 'execution')} chosen`}
      </span>
      {ACTIONS.map(({ action, word, applies }) => (
        <Button
          key={action}
          size="sm"
          variant={action === 'cancel' ? 'danger' : 'secondary'}
          disabledReason={
            whyNot('workflow:execute') ??
            (everything || selected.some(applies)
              ? undefined
              : `None of those chosen can be ${PAST[action]}.`)
          }
          onClick={() => setAsked({ action, everything })}
        >
          {word}
        </Button>
      ))}
      <span className="flex-1" />
      {filter !== undefined && (
        <Button size="sm" variant="ghost" onClick={() => setEverything(!everything)}>
          {everything ? 'Only those chosen' : 'All that match the filter'}
        </Button>
      )}
      <Button size="sm" variant="ghost" onClick={onDone}>
        Choose none
      </Button>
      {asked && (
        <BulkDialog
          action={asked.action}
          target={
            asked.everything && filter !== undefined
              ? { filter }
              : { ids: selected.filter(appliesTo(asked.action)).map((one) => one.execution_id) }
          }
          onClose={(acted) => {
            setAsked(undefined);
            if (!acted) return;
            setEverything(false);
            onDone();
          }}
        />
      )}
    </div>
  );
}

const PAST: Record<BulkAction, string> = {
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'resumed',
  retry: 'retried',
};

const appliesTo = (action: BulkAction) =>
  ACTIONS.find((one) => one.action === action)?.applies ?? (() => true);

import { Check, CloudOff, GitMerge, LoaderCircle, OctagonX } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { errorWords } from '@/components/error-note';
import { Button } from '@/components/ui/button';
import { ConflictDialog } from './conflict-dialog';
import type { Saver, SaveStatus } from './saver';

const LOOKS: Record<
  SaveStatus,
  { readonly word: string; readonly icon: typeof Check; readonly color: string }
> = {
  saved: { word: 'Saved', icon: Check, color: 'text-muted' },
  saving: { word: 'Saving', icon: LoaderCircle, color: 'text-muted' },
  offline: { word: 'Offline', icon: CloudOff, color: 'text-waiting' },
  refused: { word: 'Not saved', icon: OctagonX, color: 'text-failed' },
  conflict: { word: 'Conflict', icon: GitMerge, color: 'text-failed' },
};

/** Whether the platform has what is on the canvas. Where it has not, choosing it does something about it. */
export function SaveChip({ saver, workflowId }: { saver: Saver; workflowId: string }) {
  const { status, error } = useStore(saver.store);
  const [isOpen, setIsOpen] = useState(false);
  const { word, icon: Icon, color } = LOOKS[status];
  const words = (
    <>
      <Icon aria-hidden className={`size-3.5 ${color} ${status === 'saving' ? 'animate-spin' : ''}`} />
      {word}
    </>
  );
  return (
    <span role="status" aria-label="Saving" className="contents">
      {status === 'saved' || status === 'saving' ? (
        <span className={`inline-flex items-center gap-1.5 px-2 text-12 ${color}`}>{words}</span>
      ) : (
        <Button
          size="sm"
          hint={hintOf(status, error)}
          onClick={() => (status === 'conflict' ? setIsOpen(true) : void saver.flush())}
        >
          {words}
        </Button>
      )}
      {status === 'conflict' && (
        <ConflictDialog open={isOpen} onOpenChange={setIsOpen} saver={saver} workflowId={workflowId} />
      )}
    </span>
  );
}

function hintOf(status: SaveStatus, error: unknown): string {
  if (status === 'conflict') return 'Somebody else changed the same fields. Choose to compare.';
  const { summary } = errorWords(error);
  return status === 'offline'
    ? `${summary} Your changes are kept in this browser and tried again. Choose to try now.`
    : `${summary} Your changes are kept in this browser. Choose to try again.`;
}

import type { JsonValue } from '@millrace/contracts';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useStore } from 'zustand';
import { api, queryClient } from '@/api/client';
import { ErrorNote } from '@/components/error-note';
import { toast } from '@/components/toast';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Table, Td, Th } from '@/components/ui/table';
import { toJson } from '../document/document';
import { useBuilder } from '../store';
import type { Saver } from './saver';

interface ConflictDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  saver: Saver;
  workflowId: string;
}

/** The fields that two people changed differently, side by side. Everything else has been merged already. */
export function ConflictDialog({ open, onOpenChange, saver, workflowId }: ConflictDialogProps) {
  const { conflicts } = useStore(saver.store);
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const choose = (choice: 'mine' | 'theirs'): void => {
    saver.resolve(choice);
    onOpenChange(false);
  };

  /** The copy first: only when it is safe the canvas takes the other side's. */
  async function keepCopy(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      const { document } = useBuilder.getState();
      const name = `${document.name || 'Untitled workflow'} (my copy)`.slice(0, 200);
      const copy = await api.workflows.createDraft({ name, definition: { ...toJson(document), name } });
      await queryClient.invalidateQueries({ queryKey: ['workflows'] });
      choose('theirs');
      toast({
        title: `Your version is kept as “${name}”`,
        action: {
          label: 'Open it',
          onSelect: () => void navigate({ to: '/workflows/$workflowId', params: { workflowId: copy.id } }),
        },
      });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Somebody else changed the same fields"
      description={`Whatever does not collide in ${workflowId} stays as both of you made it. For these fields, choose.`}
      width="lg"
      footer={
        <>
          <Button busy={busy} onClick={() => void keepCopy()}>
            Keep mine as a copy
          </Button>
          <Button onClick={() => choose('theirs')}>Take theirs</Button>
          <Button variant="primary" onClick={() => choose('mine')}>
            Keep mine here
          </Button>
        </>
      }
    >
      {error !== undefined && <ErrorNote error={error} />}
      <Table aria-label="Conflicts">
        <thead>
          <tr>
            <Th>Field</Th>
            <Th>Mine</Th>
            <Th>Theirs</Th>
          </tr>
        </thead>
        <tbody>
          {conflicts.map(({ path, mine, theirs }) => (
            <tr key={path.join('/')} className="align-top">
              <Td className="py-2 font-mono text-12">{path.join(' › ')}</Td>
              <Td>
                <Side value={mine} />
              </Td>
              <Td>
                <Side value={theirs} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Dialog>
  );
}

function Side({ value }: { value: JsonValue | undefined }) {
  if (value === undefined) return <span className="text-muted">removed</span>;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <pre className="max-h-40 max-w-80 overflow-auto whitespace-pre-wrap py-1 font-mono text-12">{text}</pre>
  );
}

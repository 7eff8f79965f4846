import { useState } from 'react';
import { toast, toastError } from '@/components/toast';
import { plural } from '@/lib/format';
import type { Saver } from '../saving/saver';
import { publish } from './publish';

interface Publishing {
  readonly busy: boolean;
  /** True when it was published. */
  readonly run: () => Promise<boolean>;
}

/** Publishes and says what came of it. `onInvalid` shows the list of problems. */
export function usePublish(workflowId: string, saver: Saver, onInvalid: () => void): Publishing {
  const [busy, setBusy] = useState(false);

  async function once(): Promise<boolean> {
    const publication = await publish(workflowId, saver);
    switch (publication.outcome) {
      case 'published':
        toast({ title: `Published version ${publication.workflow.version}` });
        return true;
      case 'invalid':
        toast({ title: `Not published: ${plural(publication.errors, 'problem')}`, tone: 'failure' });
        onInvalid();
        return false;
      case 'unsaved':
        toast({
          title: 'Not published: the draft is not saved',
          description: 'See what the chip beside the name says.',
          tone: 'failure',
        });
        return false;
    }
  }

  async function run(): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    try {
      return await once();
    } catch (error) {
      toastError('Could not publish', error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, run };
}

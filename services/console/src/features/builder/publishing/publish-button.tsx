import { useStore } from 'zustand';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { useProblems } from '../problems/problems-store';
import type { BuilderSession } from '../saving/session';
import { useBuilder } from '../store';
import { isPublished } from './publish';
import { usePublished } from './use-published';

/** Makes what is drawn what runs. It says whether there is anything to publish, and why it cannot be. */
export function PublishButton({
  session,
  busy,
  onPublish,
}: {
  session: BuilderSession;
  busy: boolean;
  onPublish: () => void;
}) {
  const readOnlyReason = useBuilder((state) => state.readOnlyReason);
  const { revision, status } = useStore(session.saver.store);
  const workflow = usePublished(session.workflow);
  const errors = useProblems().filter(({ severity }) => severity === 'error').length;
  const isCurrent = status === 'saved' && isPublished(workflow, revision);
  return (
    <>
      {workflow.status === 'draft' ? <Badge>Never published</Badge> : <Badge>v{workflow.version}</Badge>}
      <Button
        variant={isCurrent ? 'secondary' : 'primary'}
        busy={busy}
        disabledReason={readOnlyReason ?? (isCurrent ? 'What is published is what is drawn' : undefined)}
        hint={errors > 0 ? 'There are problems; choosing this lists them' : 'Ctrl+S'}
        onClick={onPublish}
      >
        Publish
      </Button>
    </>
  );
}

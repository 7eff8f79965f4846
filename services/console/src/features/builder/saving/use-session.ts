import { useEffect, useState } from 'react';
import { useRights } from '@/api/session';
import { openSession, type BuilderSession } from './session';

export type SessionLoad =
  | { readonly status: 'opening' }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }
  | { readonly status: 'open'; readonly session: BuilderSession };

/** Opens a workflow in the builder for as long as the page shows it. */
export function useBuilderSession(workflowId: string): SessionLoad {
  const { username, whyNot } = useRights();
  const readOnlyReason = whyNot('workflow:write');
  const [attempt, setAttempt] = useState(0);
  const [loaded, setLoaded] = useState<{ key: string; load: SessionLoad }>();
  const key = `${workflowId}/${username}/${readOnlyReason ?? ''}/${attempt}`;

  useEffect(() => {
    let session: BuilderSession | undefined;
    const over = new AbortController();
    openSession(workflowId, username, readOnlyReason, over.signal).then(
      (opened) => {
        session = opened;
        setLoaded({ key, load: { status: 'open', session: opened } });
      },
      (error: unknown) => {
        const retry = (): void => setAttempt((count) => count + 1);
        if (!over.signal.aborted) setLoaded({ key, load: { status: 'failed', error, retry } });
      },
    );
    return () => {
      over.abort();
      session?.stop();
    };
  }, [workflowId, username, readOnlyReason, key]);

  return loaded?.key === key ? loaded.load : { status: 'opening' };
}

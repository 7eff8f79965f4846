import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api } from '@/api/client';
import type { Opening } from '../queries';
import { viewOfSummary } from './from-summary';
import { createLiveExecution, type LiveExecution, type LiveState } from './live-execution';
import type { Structure } from './structure';
import { emptyView } from './view';

/** Follows an execution for as long as the component is there. What it was first given holds: give it a key. */
export function useLiveExecution(opening: Opening, structure: Structure): LiveExecution {
  const [live] = useState(() => openLiveExecution(opening, structure));
  useEffect(() => live.start(), [live]);
  return live;
}

/** Of this platform; begins with what `opening` says once it is started. */
export function openLiveExecution({ execution, steps }: Opening, structure: Structure): LiveExecution {
  const { execution_id: id } = execution;
  return createLiveExecution({
    source: {
      events: (afterSeq, signal) => api.executions.events(id, { afterSeq, limit: 1_000 }, { signal }),
      follow: (options) => api.follow(id, options),
    },
    first: viewOfSummary(execution, steps, structure),
    empty: emptyView(steps, structure),
    schedule: soon,
  });
}

/** With the next frame, or where nobody looks within a second. */
function soon(work: () => void): void {
  if (document.visibilityState === 'hidden') setTimeout(work, 1_000);
  else requestAnimationFrame(() => work());
}

export const useLive = <T>(live: LiveExecution, select: (state: LiveState) => T): T =>
  useStore(live.store, select);

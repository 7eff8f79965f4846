import type { LogLine } from '@millrace/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { api } from '@/api/client';
import type { LiveExecution } from '../live/live-execution';
import { NO_STREAM } from '../live/streams';
import { isUnderWay, type StepView } from '../live/view';
import { useLive } from '../live/use-live-execution';
import { hasHole, mergeLines } from './logs';

/** More are not read: nobody scrolls through them, and what they tell can be searched elsewhere. */
const MOST = 20_000;
/** Lines on the way may be lost; while the step runs the record is looked at again, and soon where some are missing. */
const AGAIN_MS = 15_000;
const MISSING_AGAIN_MS = 2_000;
/** The record is written a moment behind the event that ends the step. */
const AFTER_END_MS = 1_500;
const RECENT_MS = 10_000;

export function useStepLogs(executionId: string, step: StepView, live: LiveExecution) {
  const { stepId, iteration, key } = step;
  const stored = useQuery({
    queryKey: ['executions', executionId, 'logs', key, step.status, step.attempts],
    queryFn: async ({ signal }) => {
      const query = { step_id: stepId, limit: 200, ...(iteration !== null && { iteration }) };
      const lines: LogLine[] = [];
      for await (const line of api.executions.logsAll(executionId, query, { signal })) {
        lines.push(line);
        if (lines.length >= MOST) break;
      }
      return lines;
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data = [], dataUpdateCount } }) => {
      if (isUnderWay(step)) {
        const known = mergeLines(data, (live.streams.getState().get(key) ?? NO_STREAM).lines);
        return data.length < MOST && hasHole(known) ? MISSING_AGAIN_MS : AGAIN_MS;
      }
      const hasJustEnded = Date.now() - (step.completedAtMs ?? 0) < RECENT_MS;
      return hasJustEnded && dataUpdateCount < 2 ? AFTER_END_MS : false;
    },
  });
  const { refetch } = stored;
  const isLive = useLive(live, ({ connection }) => connection.status === 'live');
  const wasLive = useRef(isLive);
  useEffect(() => {
    // What was logged while the socket was away comes from the record.
    if (isLive && !wasLive.current) void refetch();
    wasLive.current = isLive;
  }, [isLive, refetch]);
  const arrived = useStore(live.streams, (streams) => (streams.get(key) ?? NO_STREAM).lines);
  const lines = useMemo(() => mergeLines(stored.data ?? [], arrived), [stored.data, arrived]);
  return { lines, stored };
}

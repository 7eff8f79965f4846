import type { LogLine } from '@millrace/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { api } from '@/api/client';
import type { LiveExecution } from '../live/live-execution';
import { NO_STREAM } from '../live/streams';
import { isUnderWay, type StepView } from '../live/view';
import { mergeLines } from './logs';

/** More are not read: nobody scrolls through them, and what they tell can be searched elsewhere. */
const MOST = 20_000;
/** Lines on the way may be lost; while the step runs the record is looked at again. */
const AGAIN_MS = 15_000;

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
    refetchInterval: isUnderWay(step) ? AGAIN_MS : false,
  });
  const arrived = useStore(live.streams, (streams) => (streams.get(key) ?? NO_STREAM).lines);
  const lines = useMemo(() => mergeLines(stored.data ?? [], arrived), [stored.data, arrived]);
  return { lines, stored };
}

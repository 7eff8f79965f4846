import { useMemo, useState } from 'react';
import { CopyButton } from '@/components/copy-button';
import { ErrorNote } from '@/components/error-note';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { SkeletonRows } from '@/components/ui/skeleton';
import { plural } from '@/lib/format';
import type { LiveExecution } from '../live/live-execution';
import { isUnderWay, type StepView } from '../live/view';
import { LogList } from './log-list';
import { filterLines, type Level } from './logs';
import { useStepLogs } from './use-step-logs';

const OPTIONS: readonly { value: Level; label: string }[] = [
  { value: 'debug', label: 'All levels' },
  { value: 'info', label: 'Info and above' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors' },
];

interface LogsTabProps {
  executionId: string;
  step: StepView;
  live: LiveExecution;
}

export function LogsTab({ executionId, step, live }: LogsTabProps) {
  const { lines, stored } = useStepLogs(executionId, step, live);
  const [level, setLevel] = useState<Level>('debug');
  const [text, setText] = useState('');
  const shown = useMemo(() => filterLines(lines, level, text), [lines, level, text]);
  if (stored.isPending && lines.length === 0) return <SkeletonRows rows={4} label="Loading the log" />;
  return (
    <div className="flex h-full min-h-60 flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-3 py-1.5">
        <Input
          type="search"
          aria-label="Search in the log"
          placeholder="Search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="h-7 min-w-0 flex-1 text-12"
        />
        <Select
          aria-label="Level"
          value={level}
          onChange={setLevel}
          options={OPTIONS}
          className="h-7 w-40 text-12"
        />
        <CopyButton
          text={() => shown.map((line) => `${line.timestamp} ${line.level} ${line.message}`).join('\n')}
          what="Copy the shown lines"
        />
      </div>
      {stored.isError && (
        <div className="p-3">
          <ErrorNote error={stored.error} onRetry={() => void stored.refetch()} />
        </div>
      )}
      {shown.length === 0 ? (
        <p className="p-4 text-13 text-muted">{emptyWords(step, lines.length)}</p>
      ) : (
        <LogList lines={shown} showAttempts={step.attempts > 1} />
      )}
    </div>
  );
}

function emptyWords(step: StepView, all: number): string {
  if (all > 0) return `None of ${plural(all, 'line')} matches.`;
  return isUnderWay(step) ? 'Nothing logged so far.' : 'This step logged nothing.';
}

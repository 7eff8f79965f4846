import { EXECUTION_STATUSES, type BoundedCount, type ExecutionStatus } from '@millrace/contracts';
import { STATUS_LOOKS, StatusIcon } from '@/components/status';
import { cx } from '@/lib/classes';
import { formatCount } from '@/lib/format';
import { useExecutionCounts } from './queries';
import type { ExecutionsSearch } from './search';

interface StatusCountsProps {
  search: ExecutionsSearch;
  onChange: (status: ExecutionStatus[]) => void;
}

/** How many there are of each status, live; a click shows those alone, another one all again. */
export function StatusCounts({ search, onChange }: StatusCountsProps) {
  const counts = useExecutionCounts(search).data?.counts;
  const chosen = new Set(search.status);
  const toggle = (status: ExecutionStatus): void => {
    const rest = EXECUTION_STATUSES.filter((one) => (one === status) !== chosen.has(one));
    onChange(rest);
  };
  return (
    <div role="group" aria-label="Filter by status" className="flex shrink-0 gap-1 overflow-x-auto pb-1">
      {EXECUTION_STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          aria-pressed={chosen.has(status)}
          onClick={() => toggle(status)}
          className={cx(
            'flex h-8 items-center gap-1.5 rounded-control border border-line bg-card px-2 text-12 whitespace-nowrap hover:bg-hover',
            chosen.has(status) && 'border-accent bg-accent-soft',
          )}
        >
          <StatusIcon status={status} className="size-3.5 [&_*]:animate-none" />
          {STATUS_LOOKS[status].word}
          <span className="font-mono text-muted">{shown(counts?.[status])}</span>
        </button>
      ))}
    </div>
  );
}

const shown = (bounded: BoundedCount | undefined): string =>
  bounded === undefined ? '' : `${formatCount(bounded.count)}${bounded.exact ? '' : '+'}`;

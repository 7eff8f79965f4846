import type { RecentRun } from '@millrace/contracts';
import { Link } from '@tanstack/react-router';
import { STATUS_LOOKS } from '@/components/status';
import { Tooltip } from '@/components/ui/tooltip';
import { cx } from '@/lib/classes';
import { formatDuration } from '@/lib/format';
import { RECENT_RUNS } from './queries';

const HEIGHT = 20;
const LEAST = 3;

/** The latest runs, oldest at the left: a bar each, as high as it took long, in the colour of how it ended. */
export function Sparkline({ runs }: { runs: readonly RecentRun[] }) {
  if (runs.length === 0) return <span className="text-muted">never run</span>;
  const longest = Math.max(...runs.map(({ duration_seconds: seconds }) => seconds ?? 0), 0.001);
  const newest = runs[0];
  return (
    <Tooltip content={newest ? wordsOf(newest) : ''}>
      <Link
        to="/executions/$executionId"
        params={{ executionId: newest?.execution_id ?? '' }}
        aria-label={`The last ${runs.length} runs. ${newest ? wordsOf(newest) : ''}`}
        className="flex h-6 w-fit items-end gap-px"
      >
        {Array.from({ length: RECENT_RUNS - runs.length }, (_, index) => (
          <span key={index} className="w-1" />
        ))}
        {runs.toReversed().map((run) => (
          <span
            key={run.execution_id}
            className={cx('w-1 bg-current', STATUS_LOOKS[run.status].color)}
            style={{ height: LEAST + ((run.duration_seconds ?? 0) / longest) * (HEIGHT - LEAST) }}
          />
        ))}
      </Link>
    </Tooltip>
  );
}

function wordsOf({ status, duration_seconds: seconds }: RecentRun): string {
  const took = seconds === null ? '' : ` after ${formatDuration(seconds * 1_000)}`;
  return `The last one: ${STATUS_LOOKS[status].word.toLowerCase()}${took}`;
}

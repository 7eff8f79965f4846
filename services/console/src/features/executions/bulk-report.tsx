import { Link } from '@tanstack/react-router';
import { formatCount, plural } from '@/lib/format';
import type { BulkReport } from './bulk';
import { shortId } from './columns';

const SHOWN = 50;

/** What a bulk action has done so far, and each failure with its reason. */
export function BulkReportView({
  report,
  isRetry,
  working,
}: {
  report: BulkReport;
  isRetry: boolean;
  working: boolean;
}) {
  const { succeeded, created, failed } = report;
  return (
    <div role="status" className="flex flex-col gap-2">
      <p>
        {formatCount(succeeded)} done{isRetry && `, ${plural(created, 'new execution')}`}
        {failed.length > 0 && <span className="text-failed">, {formatCount(failed.length)} failed</span>}
        {working && ' …'}
      </p>
      {failed.length > 0 && (
        <ul
          aria-label="Failures"
          className="max-h-60 overflow-y-auto rounded-control border border-line text-12"
        >
          {failed.slice(0, SHOWN).map(({ execution_id: id, detail }) => (
            <li key={id} className="border-b border-line px-2 py-1 last:border-b-0">
              <Link
                to="/executions/$executionId"
                params={{ executionId: id }}
                className="font-mono underline"
              >
                {shortId(id)}
              </Link>{' '}
              {detail}
            </li>
          ))}
          {failed.length > SHOWN && (
            <li className="px-2 py-1 text-muted">and {failed.length - SHOWN} more</li>
          )}
        </ul>
      )}
    </div>
  );
}

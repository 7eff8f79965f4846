import { ApiProblem, NetworkError } from '@millrace/client';
import { OctagonX } from 'lucide-react';
import { Button } from './ui/button';

export interface ErrorWords {
  readonly summary: string;
  readonly findings: readonly string[];
  readonly requestId: string | undefined;
}

/** What a person needs to know of a failure: what failed, what to do, and the id to ask about. */
export function errorWords(error: unknown): ErrorWords {
  if (error instanceof ApiProblem) {
    const findings = error.errors.map(({ msg }) => msg).filter((msg) => !error.detail.includes(msg));
    return { summary: error.detail, findings, requestId: error.requestId };
  }
  if (error instanceof NetworkError) {
    const summary =
      error.reason === 'timeout' ? 'The platform did not answer in time.' : 'The platform cannot be reached.';
    return { summary, findings: [], requestId: undefined };
  }
  const summary = error instanceof Error ? error.message : String(error);
  return { summary, findings: [], requestId: undefined };
}

/** A failure in place: of a form, a part of a page, a dialog. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { summary, findings, requestId } = errorWords(error);
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-control border border-failed/40 bg-failed-soft p-3 text-13"
    >
      <OctagonX aria-hidden className="mt-0.5 size-4 shrink-0 text-failed" />
      <div className="min-w-0 flex-1 break-words">
        <p>{summary}</p>
        {findings.length > 0 && (
          <ul className="mt-1 list-disc pl-4 text-12">
            {findings.slice(0, 8).map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
            {findings.length > 8 && <li>and {findings.length - 8} more</li>}
          </ul>
        )}
        {requestId !== undefined && <p className="mt-1 font-mono text-11 text-muted">request {requestId}</p>}
      </div>
      {onRetry && (
        <Button size="sm" onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  );
}

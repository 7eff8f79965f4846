import { CircleAlert, TriangleAlert } from 'lucide-react';
import { plural } from '@/lib/format';
import type { TextProblem } from './read-definition';

const SHOWN = 50;

/** What is wrong with a text, line by line; choosing one goes there. */
export function ProblemLines({
  problems,
  onGoTo,
}: {
  problems: readonly TextProblem[];
  onGoTo: (position: number) => void;
}) {
  if (problems.length === 0) return null;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <section aria-label="Problems" className="rounded-control border border-line">
      <h3 role="status" className="border-b border-line px-3 py-1.5 text-12 font-medium">
        {errors > 0 ? plural(errors, 'error') : plural(problems.length, 'warning')}
      </h3>
      <ul className="max-h-48 overflow-y-auto">
        {problems.slice(0, SHOWN).map((problem) => (
          <li key={`${problem.from}/${problem.message}`}>
            <button
              type="button"
              className="flex w-full items-start gap-2 px-3 py-1.5 text-left text-12 hover:bg-hover"
              onClick={() => onGoTo(problem.from)}
            >
              {problem.severity === 'error' ? (
                <CircleAlert aria-label="Error" className="mt-0.5 size-3.5 shrink-0 text-failed" />
              ) : (
                <TriangleAlert aria-label="Warning" className="mt-0.5 size-3.5 shrink-0 text-waiting" />
              )}
              <span className="w-16 shrink-0 font-mono text-muted">Line {problem.line}</span>
              <span className="min-w-0 break-words">{problem.message}</span>
            </button>
          </li>
        ))}
      </ul>
      {problems.length > SHOWN && (
        <p className="border-t border-line px-3 py-1.5 text-12 text-muted">
          and {problems.length - SHOWN} more
        </p>
      )}
    </section>
  );
}

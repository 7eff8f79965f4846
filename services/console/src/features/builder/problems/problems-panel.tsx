import type { DefinitionProblem } from '@millrace/engine';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { titleOf } from '@/features/canvas/describe';
import { findStep } from '../document/scope';
import { select, showStep, useBuilder } from '../store';
import { NOTHING_SELECTED } from '@/features/canvas/graph';
import { useProblems } from './problems-store';

const SHOWN = 200;

/** Everything that is wrong, errors first; choosing one goes to its step and field. */
export function ProblemsPanel() {
  const problems = useProblems();
  const document = useBuilder((state) => state.document);
  const ordered = [...problems].sort((a, b) => rank(a) - rank(b));

  const go = ({ nodeIds: [stepId], field }: DefinitionProblem): void => {
    if (stepId === undefined) select(NOTHING_SELECTED);
    else showStep(stepId, field);
  };

  if (problems.length === 0) {
    return (
      <p role="status" className="flex items-center gap-2 p-3 text-13 text-muted">
        <CircleCheck aria-hidden className="size-4 text-success" />
        No problems: it can be published.
      </p>
    );
  }
  return (
    <ul aria-label="Problems" className="flex flex-col py-1">
      {ordered.slice(0, SHOWN).map((problem, index) => {
        const [stepId] = problem.nodeIds;
        const node = stepId === undefined ? undefined : findStep(document, stepId)?.node;
        return (
          <li key={`${index}/${problem.code}`}>
            <button
              type="button"
              className="flex w-full items-start gap-2 px-3 py-1.5 text-left text-12 hover:bg-hover"
              onClick={() => go(problem)}
            >
              {problem.severity === 'error' ? (
                <CircleAlert aria-label="Error" className="mt-0.5 size-3.5 shrink-0 text-failed" />
              ) : (
                <TriangleAlert aria-label="Warning" className="mt-0.5 size-3.5 shrink-0 text-waiting" />
              )}
              <span className="min-w-0 flex-1 break-words">
                <span className="font-medium">{node ? titleOf(node) : 'Workflow'}</span>
                {problem.field.length > 2 && (
                  <span className="font-mono text-11 text-muted"> {problem.field.slice(2).join('.')}</span>
                )}
                <span className="block text-muted">{problem.message}</span>
              </span>
            </button>
          </li>
        );
      })}
      {problems.length > SHOWN && (
        <li className="px-3 py-1.5 text-12 text-muted">and {problems.length - SHOWN} more</li>
      )}
    </ul>
  );
}

const rank = ({ severity }: DefinitionProblem): number => (severity === 'error' ? 0 : 1);

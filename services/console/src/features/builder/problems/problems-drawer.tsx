import { ChevronDown, ChevronUp, CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { plural } from '@/lib/format';
import { ProblemsPanel } from './problems-panel';
import { useProblems } from './problems-store';

/** Below the canvas: how many problems there are, and on demand which. */
export function ProblemsDrawer({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const problems = useProblems();
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const Chevron = open ? ChevronDown : ChevronUp;
  return (
    <section aria-label="Problems of the workflow" className="shrink-0 border-t border-line bg-card">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onOpenChange(!open)}
        className="flex h-8 w-full items-center gap-3 px-3 text-12 hover:bg-hover"
      >
        <span role="status" className="flex flex-1 items-center gap-3">
          {errors > 0 && (
            <span className="flex items-center gap-1.5">
              <CircleAlert aria-hidden className="size-3.5 text-failed" />
              {plural(errors, 'error')}
            </span>
          )}
          {warnings > 0 && (
            <span className="flex items-center gap-1.5">
              <TriangleAlert aria-hidden className="size-3.5 text-waiting" />
              {plural(warnings, 'warning')}
            </span>
          )}
          {problems.length === 0 && (
            <span className="flex items-center gap-1.5 text-muted">
              <CircleCheck aria-hidden className="size-3.5 text-success" />
              No problems
            </span>
          )}
        </span>
        <Chevron aria-hidden className="size-3.5 text-muted" />
      </button>
      {open && (
        <div className="max-h-48 overflow-y-auto border-t border-line">
          <ProblemsPanel />
        </div>
      )}
    </section>
  );
}

import type { RunStatus, StepRun } from '@/features/canvas';
import { isTerminal } from '@millrace/contracts';
import type { LiveExecution, LiveState } from './live-execution';
import { shownStatus } from './shown-status';
import type { ExecutionView, StepView } from './view';

/** Keeps the cards of a canvas at what the execution is. Returns how to stop. */
export function feedCanvas(live: LiveExecution, run: RunStatus): () => void {
  let shown: ReadonlyMap<string, StepView> = new Map();
  let hasEnded = false;
  const show = ({ view, connection, offsetMs }: LiveState): void => {
    // The end of an execution changes what is said of steps that nothing else happened to.
    const isNewEnd = isTerminal(view.status) && !hasEnded;
    hasEnded = isTerminal(view.status);
    for (const [id, step] of view.steps) {
      if (step.iteration === null && (isNewEnd || shown.get(id) !== step))
        run.change(id, cardOf(step, view, offsetMs));
    }
    shown = view.steps;
    const stopped = isTerminal(view.status) ? (view.atMs ?? connection.asOfMs) - offsetMs : connection.asOfMs;
    run.freeze(connection.isStale || isTerminal(view.status) ? stopped : null);
  };
  show(live.store.getState());
  return live.store.subscribe(show);
}

/** What a card shows, in times of this machine's clock. */
function cardOf(step: StepView, view: ExecutionView, offsetMs: number): StepRun {
  const { iterations, usage, history, durationMs, branch, attempts } = step;
  const here = (ms: number | null | undefined): number | null =>
    typeof ms === 'number' ? ms - offsetMs : null;
  return {
    status: shownStatus(step, view),
    attempt: attempts,
    maxAttempts: Math.max(attempts, view.structure.get(step.stepId)?.maxAttempts ?? 1),
    startedAtMs: here(history.at(-1)?.startedAtMs ?? step.startedAtMs),
    durationMs,
    dueAtMs: here(step.retryAtMs ?? step.dueAtMs),
    branch,
    iterations: iterations && { done: iterations.ended, total: iterations.total },
    tokens: usage && usage.input_tokens + usage.output_tokens,
  };
}

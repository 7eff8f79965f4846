import { type StepSummary, toExecutionId } from '@millrace/contracts';
import { isInParts, type StepState } from '@millrace/engine';
import type { StartedChild } from '@millrace/persistence';
import { isoTime } from '../http/dates.js';
import { countIterations } from './iterations.js';
import type { Seen } from './step-watch.js';

export function mayHaveChildren({ step }: StepState, { startedAt, loop }: Seen): boolean {
  if (step.kind === 'sub_workflow') return startedAt !== null;
  return loop !== undefined && isInParts(loop);
}

/** `children` are those of this step and iteration, of all its attempts. */
export function toStepSummary(
  current: StepState,
  seen: Seen,
  children: readonly StartedChild[],
): StepSummary {
  const { step, frame, status, attempt, error, outputRef, dueAt, wait } = current;
  const due = dueAt === null ? null : isoTime(new Date(dueAt));
  const { input, output, usage, loop } = seen;
  const slots = children.filter((child) => child.attempt === attempt).map(({ slot }) => slot);
  return {
    step_id: step.id,
    ...(frame.iteration !== null && { iteration: frame.iteration }),
    step_name: step.name,
    kind: step.kind,
    status,
    attempts: attempt,
    started_at: seen.startedAt,
    completed_at: seen.completedAt,
    duration_ms: seen.durationMs,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(outputRef && { output_ref: outputRef }),
    error,
    ...(usage && { usage }),
    retry_at: status === 'retrying' ? due : null,
    wait,
    waiting_since: status === 'waiting' ? seen.waitingSince : null,
    due_at: status === 'waiting' || status === 'sleeping' ? due : null,
    ...(loop && { iterations: countIterations(loop, slots) }),
    ...(children.length > 0 && { children: children.map(({ executionId }) => toExecutionId(executionId)) }),
  };
}

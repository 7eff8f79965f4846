import type { ExecutionResource, StepSummary } from '@millrace/contracts';
import type { Structure } from './structure';
import { emptyView, stepKey, type AttemptView, type ExecutionView, type StepView } from './view';

const time = (at: string | null): number | null => (at === null ? null : Date.parse(at));

/**
 * What is shown until the log has been read: the summaries the server makes of it. `seq` stays 0, for nothing says how
 * far they reach; of several attempts they tell the last one alone.
 */
export function viewOfSummary(
  execution: Pick<ExecutionResource, 'status' | 'created_at' | 'started_at' | 'completed_at' | 'error'>,
  summaries: readonly StepSummary[],
  structure: Structure,
): ExecutionView {
  const { status, error } = execution;
  const createdAtMs = Date.parse(execution.created_at);
  const startedAtMs = time(execution.started_at);
  const completedAtMs = time(execution.completed_at);
  return {
    ...emptyView(summaries, structure),
    ...{ status, error },
    phases: [
      { status: 'queued', fromMs: createdAtMs, isTakeover: false },
      ...(startedAtMs === null
        ? []
        : [{ status: 'running', fromMs: startedAtMs, isTakeover: false } as const]),
      ...(completedAtMs === null ? [] : [{ status, fromMs: completedAtMs, isTakeover: false }]),
    ],
    steps: new Map(summaries.map((summary) => [keyOf(summary), stepOfSummary(summary)])),
  };
}

const keyOf = ({ step_id, iteration }: StepSummary): string => stepKey(step_id, iteration);

export function stepOfSummary(summary: StepSummary): StepView {
  const { iterations, status } = summary;
  return {
    ...{ key: keyOf(summary), stepId: summary.step_id, iteration: summary.iteration ?? null },
    ...{ name: summary.step_name, kind: summary.kind, status, attempts: summary.attempts },
    startedAtMs: time(summary.started_at),
    completedAtMs: time(summary.completed_at),
    durationMs: summary.duration_ms,
    ...{ error: summary.error, handling: null, usage: summary.usage ?? null },
    retryAtMs: time(summary.retry_at),
    dueAtMs: time(summary.due_at),
    ...{ wait: summary.wait, waitingSinceMs: time(summary.waiting_since) },
    ...{ branch: null, skipReason: null, reusedFrom: null },
    ...{ input: summary.input, output: summary.output, outputRef: summary.output_ref ?? null },
    history: attemptOf(summary),
    iterations: iterations ? { first: 0, partSize: null, ...iterations } : null,
  };
}

function attemptOf(summary: StepSummary): AttemptView[] {
  const { status, attempts, error } = summary;
  const startedAtMs = time(summary.started_at);
  if (startedAtMs === null) return [];
  const isOver =
    status === 'completed' || status === 'failed' || status === 'skipped' || status === 'discarded';
  return [
    {
      ...{ number: attempts, startedAtMs, error },
      endedAtMs: isOver ? time(summary.completed_at) : status === 'retrying' ? startedAtMs : null,
      activity: status === 'waiting' || status === 'sleeping' ? status : 'running',
      askedAtMs: null,
      outcome: isOver ? status : status === 'retrying' ? 'failed' : null,
      retryAtMs: time(summary.retry_at),
    },
  ];
}

/** What happens to a step that sleeps, waits or iterates when its time has come (rules T3 to T6). */
import type { ExecutionError } from '@millrace/contracts';
import { giveUp, type Command } from './command.js';
import { delayCompleted, timeoutError } from './events.js';
import { STEP_ERROR_CODES } from './retry.js';
import type { Outcome } from './settle.js';
import { underWayIn } from './state/frames.js';
import type { EpochMs, ExecutionState, StepState } from './state/state.js';

export function dueCommand(state: ExecutionState, current: StepState, now: EpochMs): Command[] {
  const { step, dueAt, attempt } = current;
  if (isOverLimit(current, now)) {
    const inner = underWayIn(current).filter((other) => other !== current);
    const outcome = { ok: false, error: timeoutError('step', step.timeoutMs ?? 0) } as const;
    return [
      ...inner.map((other) => giveUp(state, other, 'step_timeout')),
      { type: 'settle', step: current, attempt, outcome },
    ];
  }
  if (current.status === 'sleeping') {
    return [{ type: 'append', event: delayCompleted(state, current, now) }];
  }
  return [{ type: 'settle', step: current, attempt, outcome: unanswered(current, dueAt ?? now) }];
}

/** The step's own limit comes before what it waits for. */
function isOverLimit({ step, startedAt, dueAt }: StepState, now: EpochMs): boolean {
  if (step.timeoutMs === null) return false;
  const limit = startedAt + step.timeoutMs;
  return now >= limit && (dueAt === null || limit < dueAt);
}

/** Of a step whose answer did not come in time. */
function unanswered({ step, frame, wait }: StepState, at: EpochMs): Outcome {
  if (wait?.type === 'approval' && wait.default_outcome !== undefined) {
    const output = { decision: wait.default_outcome, decided_by: [], decisions: [], at_deadline: true };
    return { ok: true, output, branch: wait.default_outcome };
  }
  const hasTimeoutEdge = step.outgoing.some((edge) => frame.graph.edges[edge]?.port === 'timeout');
  if (wait?.type === 'event' && hasTimeoutEdge) {
    return { ok: true, output: { timed_out: true }, branch: 'timeout' };
  }
  return { ok: false, error: unansweredError(wait?.type, at) };
}

function unansweredError(type: string | undefined, at: EpochMs): ExecutionError {
  const time = new Date(at).toISOString();
  return type === 'approval'
    ? {
        code: STEP_ERROR_CODES.approvalExpired,
        message: `Nobody decided until ${time}; give the approval a default_outcome to go on then`,
        fault: 'caller',
        retryable: false,
      }
    : {
        code: STEP_ERROR_CODES.eventTimeout,
        message: `The event did not come until ${time}; an edge labelled "timeout" would be followed then`,
        fault: 'remote',
        retryable: false,
      };
}

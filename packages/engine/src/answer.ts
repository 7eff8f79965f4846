/** What signals from outside mean for a step (rules W1 to W5). Pure: the shell folds the event. */
import type { AnswerPayload, ExecutionError, NewEvent, SignalPayload } from '@millrace/contracts';
import { giveUp, type Command } from './command.js';
import { stepPartEnded, stepSkipped, type EventOf } from './events.js';
import { outcomeUnknown } from './recovery.js';
import { settle, type Settling } from './settle.js';
import { findStep } from './state/access.js';
import { isSettled, underWayIn } from './state/frames.js';
import { isOpenPart } from './state/loops.js';
import type { ExecutionState, StepState } from './state/state.js';

/**
 * The event that records an answer; null when nobody waits for it any more: the step is settled, has begun another
 * attempt, or is not known. An answer that its kind cannot have fails the step.
 */
export function receiveAnswer(
  state: ExecutionState,
  answer: AnswerPayload,
  at: Omit<Settling, 'durationMs'>,
): NewEvent | null {
  if (state.status !== 'running' || !state.plan.stepOf.has(answer.step_id)) return null;
  const step = findStep(state, answer.step_id, answer.iteration);
  if (step?.attempt !== answer.attempt) return null;
  const { outcome, usage } = answer;
  if (step.loop !== null) return partEnded(state, step, answer);
  if (step.status !== 'waiting') return null;
  const settling = { ...at, durationMs: Math.max(0, at.now - step.startedAt) };
  if (step.wait?.type === 'verdict') return verdict(state, step, answer, settling);
  if (!outcome.ok) return settle(state, step, answer.attempt, { ...outcome, usage }, settling);
  const { output, output_ref: outputRef, branch } = outcome;
  const isBranchKnown =
    step.step.ports.length === 0 || (branch !== undefined && step.step.ports.includes(branch));
  return isBranchKnown
    ? settle(state, step, answer.attempt, { ok: true, output, outputRef, branch, usage }, settling)
    : settle(state, step, answer.attempt, { ok: false, error: unknownBranch(branch) }, settling);
}

function partEnded(
  state: ExecutionState,
  step: StepState,
  { slot = 0, outcome, usage }: AnswerPayload,
): EventOf<'step_part_ended'> | null {
  if (step.loop === null || !isOpenPart(step.loop, slot)) return null;
  return stepPartEnded(
    state,
    step,
    slot,
    outcome.ok ? outcome : { ok: false, error: ownError(outcome.error) },
    usage,
  );
}

/** What failed in the child is the map's error, as it would be without children; that it was in a child is in the details. */
function ownError(error: ExecutionError): ExecutionError {
  if (error.code !== 'child_failed') return error;
  const { code, step_id: stepId } = error.details ?? {};
  return {
    ...error,
    ...(typeof code === 'string' && { code }),
    ...(typeof stepId === 'string' && { step_id: stepId }),
  };
}

/** Rule C6: repeat it, let it fail, or take the given output for its own. */
function verdict(
  state: ExecutionState,
  step: StepState,
  { attempt, outcome }: AnswerPayload,
  settling: Settling,
): NewEvent | null {
  const unknown = outcomeUnknown(step);
  if (!outcome.ok) return settle(state, step, attempt, { ok: false, error: unknown }, settling);
  switch (outcome.branch) {
    case 'succeed': {
      const { output, output_ref: outputRef } = outcome;
      return settle(state, step, attempt, { ok: true, output, outputRef }, settling);
    }
    case 'retry':
      return settle(
        state,
        step,
        attempt,
        { ok: false, error: { ...unknown, retryable: true }, again: true },
        settling,
      );
    default:
      return settle(state, step, attempt, { ok: false, error: unknown }, settling);
  }
}

function unknownBranch(branch: string | undefined): ExecutionError {
  return {
    code: 'answer_invalid',
    message: `The answer selects "${branch ?? ''}", which is no branch of the step`,
    fault: 'platform',
    retryable: false,
  };
}

/**
 * Skipping a step by hand: what is under way in it is given up, then it is skipped and the flow goes on behind it.
 * Empty when there is no such step or it is settled.
 */
export function skipByHand(
  state: ExecutionState,
  { step_id, iteration, by, output }: SignalPayload<'skip'>,
): readonly Command[] {
  if (state.status !== 'running' || !state.plan.stepOf.has(step_id)) return [];
  const step = findStep(state, step_id, iteration);
  if (step === undefined || isSettled(step) || step.frame.failure !== null) return [];
  const inner = step.loop === null ? [] : underWayIn(step).filter((other) => other !== step);
  return [
    ...inner.map((other) => giveUp(state, other, 'join')),
    { type: 'append', event: stepSkipped(state, step, 'manual', { by, output }) },
  ];
}

import type { JsonValue, NewEvent } from '@millrace/contracts';
import { stepDiscarded, stepSkipped, type EventOf } from './events.js';
import { isUnderWay } from './state/frames.js';
import type { Outcome } from './settle.js';
import type { AbandonReason, EpochMs, ExecutionState, StepState } from './state/state.js';

/** What the shell has to do next; see `decide`. */
export type Command =
  /** Run this attempt now: resolve configuration and input, fold `stepStarted`, run, and fold what `settle` answers. */
  | { readonly type: 'start'; readonly step: StepState; readonly attempt: number }
  /** A fact that needs no work: fold it. */
  | { readonly type: 'append'; readonly event: NewEvent }
  /** A fact whose output may be large: store it first, and fold `stepCompleted` with it or its reference. */
  | {
      readonly type: 'collect';
      readonly step: StepState;
      readonly output: JsonValue;
      readonly durationMs: number;
    }
  /** A step that waited has come to this without work: fold what `settle` answers. */
  | { readonly type: 'settle'; readonly step: StepState; readonly attempt: number; readonly outcome: Outcome }
  /** Abort the running attempt and fold `event` at once; its late outcome is recorded nowhere (`settle` answers null). */
  | { readonly type: 'abort'; readonly step: StepState; readonly event: EventOf<'step_discarded'> }
  /** Nothing runs and nothing can before `wakeAt`: give the slot back (`waitingEvent`), or keep it for a short wait. */
  | { readonly type: 'suspend'; readonly wakeAt: EpochMs | null; readonly stepIds: readonly string[] }
  /** The end. Fold the event; the state is terminal then. */
  | { readonly type: 'finish'; readonly event: EventOf<'completed' | 'failed' | 'timed_out'> };

/**
 * Commands that were made at one moment and are obeyed one after the other: their progress does not go back where steps
 * of bodies stand behind steps of the workflow itself.
 */
export function inOrder(commands: readonly Command[]): readonly Command[] {
  let reached = 0;
  for (const command of commands) {
    if (!('event' in command) || !('progress' in command.event.data)) continue;
    const { data } = command.event;
    reached = Math.max(reached, data.progress);
    data.progress = reached;
  }
  return commands;
}

/** The step is not wanted any more, begun or not. */
export function giveUp(state: ExecutionState, step: StepState, reason: AbandonReason): Command {
  if (!isUnderWay(step)) return { type: 'append', event: stepSkipped(state, step, 'join') };
  const event = stepDiscarded(state, step, step.abandoned ?? reason);
  return state.running.has(step) ? { type: 'abort', step, event } : { type: 'append', event };
}

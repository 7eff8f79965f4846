import type { LogEvent } from '@millrace/contracts';
import { EngineError, type ExecutionState, findStep, fold, type StepState } from '@millrace/engine';
import type { History } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import { ZodError } from 'zod';

/** Looks on while a log is folded. Of an event that is about no step, `current` is undefined. */
export interface Onlooker {
  before?(state: ExecutionState, event: LogEvent, current: StepState | undefined): void;
  after(state: ExecutionState, event: LogEvent, current: StepState | undefined): void;
}

/** One after the other, each before and after the event. */
export function inTurn(...onlookers: readonly Onlooker[]): Onlooker {
  return {
    before: (...seen) => {
      for (const onlooker of onlookers) onlooker.before?.(...seen);
    },
    after: (...seen) => {
      for (const onlooker of onlookers) onlooker.after(...seen);
    },
  };
}

/**
 * Folds the whole log of an execution before the eyes of `onlooker`. What cannot be read any more ends it early: an
 * execution that failed for its log can be looked at all the same.
 */
export async function replay({ state, events }: History, onlooker: Onlooker, log: Logger): Promise<void> {
  try {
    for await (const event of events()) {
      const current =
        'step_id' in event.data ? findStep(state, event.data.step_id, event.data.iteration) : undefined;
      onlooker.before?.(state, event, current);
      fold(state, event);
      onlooker.after(state, event, current);
    }
  } catch (error) {
    if (!(error instanceof EngineError) && !(error instanceof ZodError)) throw error;
    const { executionId } = state.context;
    log.warn({ err: error, execution_id: executionId }, 'a log was read as far as it makes sense');
  }
}

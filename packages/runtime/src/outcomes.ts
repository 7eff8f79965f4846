import { type AnswerPayload, type ExecutionError, toExecutionId } from '@millrace/contracts';
import {
  deliverChildren,
  type FinishedChild,
  isDataError,
  readFinishedChildren,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Signaller } from './signal.js';

export interface Outcomes {
  /** Tells the parents of those among these executions that are children; how many outcomes were delivered. */
  deliver(executionIds: readonly string[]): Promise<number>;
  /** The sweep: outcomes whose delivery was lost. */
  deliverOverdue(): Promise<number>;
}

const FAILURE_CODES = {
  failed: 'child_failed',
  cancelled: 'child_cancelled',
  timed_out: 'child_timed_out',
} as const;

const FAILURE_WORDS = { failed: 'failed', cancelled: 'was cancelled', timed_out: 'timed out' } as const;

function failureOf(child: FinishedChild, status: keyof typeof FAILURE_CODES): ExecutionError {
  const executionId = toExecutionId(child.executionId);
  const { error } = child;
  const why = error === null ? '' : `: ${error.message}`;
  return {
    code: FAILURE_CODES[status],
    message: `Child execution ${executionId} of workflow ${child.workflowId} ${FAILURE_WORDS[status]}${why}`,
    fault: error?.fault ?? 'workflow',
    retryable: error?.retryable ?? false,
    details: {
      execution_id: executionId,
      code: error?.code ?? status,
      ...(typeof error?.step_id === 'string' && { step_id: error.step_id }),
    },
  };
}

/** What a parent is told of a child that has ended. */
export function toAnswer(child: FinishedChild): AnswerPayload {
  const { stepId, iteration, attempt, slot } = child.place;
  return {
    step_id: stepId,
    ...(iteration !== null && { iteration }),
    attempt,
    slot,
    ...(child.usage !== null && { usage: child.usage }),
    outcome:
      child.status === 'completed'
        ? {
            ok: true,
            ...(child.result?.output !== undefined && { output: child.result.output }),
            ...(child.result?.output_ref && { output_ref: child.result.output_ref }),
          }
        : { ok: false, error: failureOf(child, child.status) },
  };
}

/** When the database refuses an outcome, the parent has to hear that rather than nothing for ever. */
function toRefusal(child: FinishedChild, message: string): AnswerPayload {
  const answer = toAnswer(child);
  const executionId = toExecutionId(child.executionId);
  const error: ExecutionError = {
    code: 'child_failed',
    message: `The outcome of child execution ${executionId} cannot be stored: ${message}`,
    fault: 'workflow',
    retryable: false,
    details: { execution_id: executionId, code: 'unstorable_output' },
  };
  return { ...answer, outcome: { ok: false, error } };
}

export function createOutcomes(context: RuntimeContext, signaller: Pick<Signaller, 'announce'>): Outcomes {
  const { db, settings, crash, log } = context;

  async function send(children: readonly { child: FinishedChild; answer: AnswerPayload }[]): Promise<void> {
    const outcomes = children.map(({ child, answer }) => ({
      childId: child.executionId,
      payload: JSON.stringify(answer),
    }));
    const deliveries = await deliverChildren(db, outcomes, settings.redispatchSeconds);
    crash('signal_committed_not_dispatched');
    await signaller.announce(deliveries);
  }

  async function sendEach(children: readonly FinishedChild[]): Promise<void> {
    for (const child of children) {
      try {
        await send([{ child, answer: toAnswer(child) }]);
      } catch (error) {
        if (!isDataError(error)) throw error;
        log.warn({ err: error, execution_id: child.executionId }, 'the outcome of a child cannot be stored');
        const message = error instanceof Error ? error.message : 'the value was refused';
        await send([{ child, answer: toRefusal(child, message) }]);
      }
    }
  }

  async function sendAll(children: readonly FinishedChild[]): Promise<number> {
    if (children.length === 0) return 0;
    try {
      await send(children.map((child) => ({ child, answer: toAnswer(child) })));
    } catch (error) {
      // One culprit must not keep its neighbours from being heard.
      if (!isDataError(error)) throw error;
      await sendEach(children);
    }
    return children.length;
  }

  return {
    deliver: async (executionIds) => sendAll(await readFinishedChildren(db, executionIds)),
    deliverOverdue: async () => sendAll(await readFinishedChildren(db)),
  };
}

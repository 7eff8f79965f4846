import type { EventData, ExecutionError, ExecutionResult } from '@millrace/contracts';
import { type EventOf, failedEvent } from '@millrace/engine';
import type { Claim, WorkerDoor } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import { EventRefusedError, type ExecutionLog, FencedError, type LogLimits } from './execution-log.js';
import { toJsonText } from './storable.js';

export interface EndingOptions {
  door: Pick<WorkerDoor, 'storeOutput'>;
  fence: AbortSignal;
  log: Logger;
}

/** Writes how an execution ends. */
export class Ending {
  readonly #claim: Claim;
  readonly #log: ExecutionLog;
  readonly #options: EndingOptions;

  constructor(claim: Claim, log: ExecutionLog, options: EndingOptions) {
    this.#claim = claim;
    this.#log = log;
    this.#options = options;
  }

  /** As the engine has decided. */
  async finish(event: EventOf<'completed' | 'failed' | 'timed_out'>): Promise<void> {
    if (event.type !== 'completed') {
      await this.#log.finish(event, event.type, { result: null, error: event.data.error });
      return;
    }
    const data = await this.#withStoredOutput(event.data);
    const { steps_completed, output, output_ref } = data;
    const result: ExecutionResult = {
      workflow_name: this.#claim.workflowName,
      steps_completed,
      ...(output_ref === undefined ? { output: output ?? null } : { output_ref }),
    };
    await this.#log.finish({ type: 'completed', data }, 'completed', { result, error: null });
  }

  /** The outputs of several leaves may together be too large for the log. That of one leaf has been looked at before. */
  async #withStoredOutput(data: EventData<'completed'>): Promise<EventData<'completed'>> {
    const { output, steps_completed } = data;
    if (output === undefined || this.#claim.plan.leaves.length < 2) return data;
    const { door, fence } = this.#options;
    const json = await toJsonText(output);
    const stored = await door.storeOutput(this.#claim.executionId, output, json, fence);
    return 'output' in stored ? data : { steps_completed, output_ref: stored.output_ref };
  }

  async fail(error: ExecutionError): Promise<void> {
    await this.#log.finish(failedEvent(error), 'failed', { result: null, error });
  }

  /**
   * What nobody foresaw ends this execution with a clear error; it neither hangs nor takes others with it. Answers how
   * the run ended; never rejects.
   */
  async giveUp(error: unknown): Promise<'finished' | 'fenced' | 'released'> {
    const { log } = this.#options;
    const { executionId, workflowId } = this.#claim;
    log.error({ error, execution_id: executionId, workflow_id: workflowId }, 'an execution could not go on');
    await this.#log.discardPending();
    try {
      await this.fail(unforeseen(error));
      return 'finished';
    } catch (failing) {
      if (failing instanceof FencedError) return 'fenced';
      log.error({ error: failing, execution_id: executionId }, 'an execution could not be failed either');
      return 'released';
    }
  }
}

function unforeseen(error: unknown): ExecutionError {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof EventRefusedError
    ? {
        code: 'event_refused',
        message: `The database refused an event: ${message}`,
        fault: 'workflow',
        retryable: false,
      }
    : {
        code: 'internal',
        message: `Millrace failed to run the execution: ${message}`,
        fault: 'platform',
        retryable: false,
      };
}

export function logTooLarge({ maxEvents, maxLogBytes }: LogLimits): ExecutionError {
  const events = maxEvents.toLocaleString('en');
  const megabytes = (maxLogBytes / 1_000_000).toLocaleString('en');
  return {
    code: 'log_too_large',
    message: `The log of this execution exceeds ${events} events or ${megabytes} MB; split the work into several executions`,
    fault: 'workflow',
    retryable: false,
  };
}

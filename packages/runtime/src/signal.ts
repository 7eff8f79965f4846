import type { JsonValue } from '@millrace/contracts';
import { sendSignal, type SignalKind } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Dispatcher } from './dispatch.js';

export interface Signaller {
  /**
   * Leaves a message for a live execution, wakes it when it sleeps and tells the worker that runs it. False when the
   * execution is finished or unknown.
   */
  signal(
    executionId: string,
    signal: { kind: SignalKind; payload: JsonValue; sentBy: string | null },
  ): Promise<boolean>;
}

export function createSignaller(context: RuntimeContext, dispatcher: Dispatcher): Signaller {
  const { db, events, log, settings, crash } = context;
  return {
    async signal(executionId, signal) {
      const delivery = await sendSignal(db, executionId, signal, settings.redispatchSeconds);
      if (delivery === undefined) return false;
      crash('signal_committed_not_dispatched');
      if (delivery.wokenDispatchNo !== null) {
        dispatcher.dispatch([{ executionId, dispatchNo: delivery.wokenDispatchNo }]);
      }
      if (delivery.workerId !== null) {
        // Lost ones cost the worker's next renewal, two seconds at most.
        await events
          .publishControl([{ workerId: delivery.workerId, executionId, kind: 'signal' }])
          .catch((error: unknown) => {
            log.debug(
              { err: error, execution_id: executionId },
              'the worker finds the signal at its next renewal',
            );
          });
      }
      return true;
    },
  };
}

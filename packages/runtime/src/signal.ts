import type { JsonValue, SignalKind } from '@millrace/contracts';
import { sendSignal, type SignalDelivery } from '@millrace/persistence';
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
  /** After the commit of messages: hints those that were woken and tells the workers of those that run. */
  announce(deliveries: readonly SignalDelivery[]): Promise<void>;
}

export function createSignaller(context: RuntimeContext, dispatcher: Dispatcher): Signaller {
  const { db, events, log, settings, crash } = context;

  async function announce(deliveries: readonly SignalDelivery[]): Promise<void> {
    const woken = deliveries.flatMap(({ executionId, wokenDispatchNo }) =>
      wokenDispatchNo === null ? [] : [{ executionId, dispatchNo: wokenDispatchNo }],
    );
    if (woken.length > 0) dispatcher.dispatch(woken);
    const running = deliveries.flatMap(({ executionId, workerId }) =>
      workerId === null ? [] : [{ workerId, executionId, kind: 'signal' as const }],
    );
    if (running.length === 0) return;
    // Lost ones cost the worker's next renewal, two seconds at most.
    await events.publishControl(running).catch((error: unknown) => {
      log.debug({ err: error }, 'workers find their signals at their next renewal');
    });
  }

  return {
    announce,
    async signal(executionId, signal) {
      const delivery = await sendSignal(db, executionId, signal, settings.redispatchSeconds);
      if (delivery === undefined) return false;
      crash('signal_committed_not_dispatched');
      await announce([delivery]);
      return true;
    },
  };
}

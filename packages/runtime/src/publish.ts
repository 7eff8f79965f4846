import type { CommittedRange, EventBus } from '@millrace/messaging';
import type { RuntimeContext } from './context.js';

export interface Publisher {
  /** Tells subscribers without waiting. What is lost they find in the log. */
  publish(ranges: readonly CommittedRange[]): void;
  idle(): Promise<void>;
}

/** One message at a time keeps the order of publishing; what gathers meanwhile goes together. */
export function createPublisher(
  context: {
    events: Pick<EventBus, 'publishCommitted'>;
  } & Pick<RuntimeContext, 'log'>,
): Publisher {
  const { events, log } = context;
  let pending: CommittedRange[] = [];
  let running: Promise<void> | undefined;
  let down = false;

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        await events.publishCommitted(batch);
        if (down) log.info({}, 'live events are published again');
        down = false;
      } catch (error) {
        if (!down) log.warn({ err: error }, 'live events cannot be published: clients catch up from the log');
        down = true;
      }
    }
    running = undefined;
  }

  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      pending.push(...ranges);
      running ??= drain();
    },
    async idle() {
      await running;
    },
  };
}

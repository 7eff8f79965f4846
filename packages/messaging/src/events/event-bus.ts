import { withDeadline } from '../deadline.js';
import { errorText, MessagingUnavailableError } from '../errors.js';
import type { Log } from '../log.js';
import {
  encodeControl,
  encodeRange,
  encodeWakeup,
  pack,
  PACK_OVERHEAD_BYTES,
  type PayloadKind,
  unpack,
} from './encoding.js';
import type { EventBus } from './port.js';
import { TopicListeners } from './topics.js';
import type { Envelope, Transport, TransportSink } from './transport.js';
import { fitTransientFrame } from './truncate.js';

const ALL_WORKERS = 'control';
const WAKEUPS = 'wakeups';
const workflowTopic = (workflowId: string): string => `workflow:${workflowId}`;
const workerTopic = (workerId: string): string => `control:${workerId}`;

/** The events port over a store's transport. */
export function createEventBus(
  openTransport: (sink: TransportSink) => Transport,
  log: Log,
  timeoutMs: number,
): EventBus {
  const reconnectListeners = new Set<{ notify: () => void }>();
  const transport = openTransport({
    message(topic, payload) {
      const message = unpack(payload);
      if (message) topics.notify(topic, message);
      else log.warn({ topic }, 'ignored a message that is not ours');
    },
    reconnected() {
      for (const { notify } of reconnectListeners) {
        try {
          notify();
        } catch (error) {
          log.error({ error: errorText(error), err: error }, 'a reconnect listener failed');
        }
      }
    },
  });
  const topics = new TopicListeners(transport, log);
  const maxItemBytes = transport.maxPayloadBytes - PACK_OVERHEAD_BYTES - 1;
  let closing: Promise<void> | undefined;

  async function ask(what: string, work: () => Promise<void>): Promise<void> {
    if (closing) throw new MessagingUnavailableError(what, new Error('the events are closed'));
    try {
      await withDeadline(work(), timeoutMs);
    } catch (error) {
      throw new MessagingUnavailableError(what, error);
    }
  }

  /** Items of one topic share payloads; the order within a topic stays. */
  async function publish(kind: PayloadKind, items: Iterable<[topic: string, item: string]>): Promise<void> {
    const byTopic = new Map<string, string[]>();
    for (const [topic, item] of items) {
      const group = byTopic.get(topic);
      if (group) group.push(item);
      else byTopic.set(topic, [item]);
    }
    if (byTopic.size === 0) return;
    const envelopes: Envelope[] = [];
    for (const [topic, group] of byTopic) {
      for (const payload of pack(kind, group, transport.maxPayloadBytes)) envelopes.push({ topic, payload });
    }
    await ask('publish', () => transport.publish(envelopes));
  }

  return {
    async publishCommitted(ranges) {
      await publish(
        'committed',
        ranges.map((range) => [workflowTopic(range.workflowId), encodeRange(range, transport.carriesFrames)]),
      );
    },

    async publishTransient(frames) {
      await publish(
        'transient',
        frames.flatMap((frame): [string, string][] => {
          const item = fitTransientFrame(frame, maxItemBytes);
          if (item !== undefined) return [[workflowTopic(frame.workflow_id), item]];
          log.debug(
            { execution_id: frame.execution_id, type: frame.type },
            'dropped a transient frame that is too large',
          );
          return [];
        }),
      );
    },

    async publishControl(hints) {
      await publish(
        'control',
        hints.map((hint) => [
          hint.workerId === undefined ? ALL_WORKERS : workerTopic(hint.workerId),
          encodeControl(hint),
        ]),
      );
    },

    async publishWakeup(wakeup) {
      await publish('wakeup', [[WAKEUPS, encodeWakeup(wakeup)]]);
    },

    subscribeWorkflow(workflowId, listener) {
      return topics.add(workflowTopic(workflowId), (message) => {
        if (message.kind === 'committed') {
          for (const range of message.ranges) {
            if (range.workflowId === workflowId) listener({ kind: 'committed', range });
          }
        } else if (message.kind === 'transient') {
          for (const frame of message.frames) {
            if (frame.workflow_id === workflowId) listener({ kind: 'transient', frame });
          }
        }
      });
    },

    async subscribeControl(workerId, listener) {
      const deliver: Parameters<TopicListeners['add']>[1] = (message) => {
        if (message.kind === 'control') for (const hint of message.hints) listener(hint);
      };
      const leave = await Promise.all([
        topics.add(workerTopic(workerId), deliver),
        topics.add(ALL_WORKERS, deliver),
      ]);
      return async () => {
        await Promise.all(leave.map((unsubscribe) => unsubscribe()));
      };
    },

    subscribeWakeups(listener) {
      return topics.add(WAKEUPS, (message) => {
        if (message.kind === 'wakeup') for (const wakeup of message.wakeups) listener(wakeup);
      });
    },

    onReconnect(listener) {
      const entry = { notify: listener };
      reconnectListeners.add(entry);
      return () => {
        reconnectListeners.delete(entry);
      };
    },

    async health() {
      try {
        await ask('events', () => transport.ping());
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: errorText(error) };
      }
    },

    close() {
      closing ??= withDeadline(transport.close(), timeoutMs).catch((error: unknown) => {
        log.debug({ error: errorText(error) }, 'the events did not close in order');
      });
      return closing;
    },
  };
}

import type { JsonValue } from '@millrace/contracts';
import {
  claimEventId,
  deleteKeptEvent,
  type EventAddress,
  type EventReceipt,
  type EventWait,
  findKeptEvent,
  inTransaction,
  keepEvent,
  lockAddresses,
  lockEventWaits,
  newEventId,
  type Queryable,
  sendSignals,
  settleEventWaits,
  type SignalDelivery,
  writeReceipt,
} from '@millrace/persistence';
import type { RuntimeContext } from './context.js';
import type { Signaller } from './signal.js';
import { eventAnswer } from './waits.js';

export interface ExternalEvent extends EventAddress {
  payload: JsonValue;
  sentBy: string;
  /** How long it is kept when nobody waits for it; 0: not at all. */
  ttlSeconds: number;
  /** The same id is one event for 24 hours. `bodyHash` is SHA-256 of what was sent. */
  idempotency?: { id: string; bodyHash: Buffer };
}

export type SendOutcome =
  | ({ kind: 'sent' | 'repeated' } & EventReceipt)
  /** The id belongs to an event with another body. */
  | { kind: 'id_conflict' }
  /** So many of this name and key are kept already that no more are taken. */
  | { kind: 'too_many_kept'; limit: number };

export interface ExternalEvents {
  /** Reaches every task that waits for the event, or keeps it for the first that will. Rejects when Postgres is away. */
  send(event: ExternalEvent): Promise<SendOutcome>;
  /**
   * Nobody will receive this kept event. `ownerId` null: whoever's it is. False when it is not there any more, or not
   * the owner's. Rejects when Postgres is away.
   */
  discard(eventId: string, ownerId: string | null): Promise<boolean>;
}

/** Kept events of one name and key. */
const MAX_KEPT = 1_000;
/** Payload that one statement carries: every receiver has a copy of its own. */
const STATEMENT_BYTES = 8 * 1024 * 1024;

class TooManyKept extends Error {}

export function createExternalEvents(
  context: RuntimeContext,
  signaller: Pick<Signaller, 'announce'>,
): ExternalEvents {
  const { db, settings, crash } = context;

  /** Whoever waits and lives receives; the others are closed. */
  async function deliver(
    tx: Queryable,
    event: ExternalEvent,
  ): Promise<{ received: number; deliveries: SignalDelivery[] }> {
    const waits = await lockEventWaits(tx, event);
    const size = Math.max(1, Math.floor(STATEMENT_BYTES / (JSON.stringify(event.payload).length + 500)));
    const deliveries: SignalDelivery[] = [];
    for (let from = 0; from < waits.length; from += size) {
      const messages = waits
        .slice(from, from + size)
        .map((wait) => ({ executionId: wait.executionId, payload: eventAnswer(wait, event.payload) }));
      const signal = { kind: 'event', sentBy: event.sentBy } as const;
      deliveries.push(...(await sendSignals(tx, signal, messages, settings.redispatchSeconds)));
    }
    const alive = new Set(deliveries.map((delivery) => delivery.executionId));
    const received: EventWait[] = [];
    const closed: EventWait[] = [];
    for (const wait of waits) (alive.has(wait.executionId) ? received : closed).push(wait);
    if (received.length > 0) await settleEventWaits(tx, received, 'received');
    if (closed.length > 0) await settleEventWaits(tx, closed, 'closed');
    return { received: received.length, deliveries };
  }

  async function sendLocked(
    tx: Queryable,
    event: ExternalEvent,
  ): Promise<{ outcome: SendOutcome; deliveries: SignalDelivery[] }> {
    const { ownerId, idempotency, ttlSeconds } = event;
    const claimed = idempotency && (await claimEventId(tx, { ownerId, ...idempotency }));
    if (claimed !== undefined && !claimed.fresh) {
      const { eventId, delivered, kept } = claimed;
      const same = idempotency?.bodyHash.equals(claimed.bodyHash) === true;
      const outcome: SendOutcome = same
        ? { kind: 'repeated', eventId, delivered, kept }
        : { kind: 'id_conflict' };
      return { outcome, deliveries: [] };
    }
    const eventId = claimed?.eventId ?? (await newEventId(tx));
    await lockAddresses(tx, [event]);
    const { received, deliveries } = await deliver(tx, event);
    const kept = received === 0 && ttlSeconds > 0;
    if (kept && !(await keepEvent(tx, event, { ...event, id: eventId }, MAX_KEPT))) throw new TooManyKept();
    if (idempotency) await writeReceipt(tx, { ownerId, id: idempotency.id }, { delivered: received, kept });
    return { outcome: { kind: 'sent', eventId, delivered: received, kept }, deliveries };
  }

  return {
    discard: (eventId, ownerId) =>
      inTransaction(db, async (tx) => {
        const address = await findKeptEvent(tx, eventId, ownerId);
        if (address === undefined) return false;
        // A wait that begins now must not reach for this one and miss the next.
        await lockAddresses(tx, [address]);
        return deleteKeptEvent(tx, eventId);
      }),

    async send(event) {
      try {
        const { outcome, deliveries } = await inTransaction(db, (tx) => sendLocked(tx, event));
        if (deliveries.length > 0) crash('signal_committed_not_dispatched');
        await signaller.announce(deliveries);
        return outcome;
      } catch (error) {
        // Thrown so that the transaction gives the event's id back.
        if (error instanceof TooManyKept) return { kind: 'too_many_kept', limit: MAX_KEPT };
        throw error;
      }
    },
  };
}

import { createHash } from 'node:crypto';
import {
  type JsonObject,
  MAX_EVENT_PAYLOAD_BYTES,
  type SendEventRequest,
  type SendEventResponse,
} from '@millrace/contracts';
import { canonicalJson } from '@millrace/engine';
import { ApiError, conflict, forbidden, notFound, type Principal } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';

export interface EventService {
  /** Reaches the waits of the caller, or of the owner that an administrator names. */
  send(caller: Principal, event: SendEventRequest): Promise<SendEventResponse>;
}

export function createEventService({ db, runtime }: Pick<GatewayContext, 'db' | 'runtime'>): EventService {
  async function ownerOf(caller: Principal, owner: string | undefined): Promise<string> {
    if (owner === undefined || owner === caller.username) return caller.userId;
    if (!caller.admin) throw forbidden('Only administrators may send events to the executions of others');
    const user = await db.asPlatform(({ users }) => users.findByUsername(owner));
    if (user === undefined) throw notFound('User', owner);
    return user.id;
  }

  return {
    async send(caller, event) {
      const { name, key, payload, ttl_seconds: ttlSeconds, id, owner } = event;
      if (Buffer.byteLength(JSON.stringify(payload)) > MAX_EVENT_PAYLOAD_BYTES) {
        throw new ApiError(
          'body_too_large',
          'The payload of an event is at most 256 KiB of JSON: send a reference to what is larger',
        );
      }
      const ownerId = await ownerOf(caller, owner);
      const outcome = await runtime.externalEvents.send({
        ...{ ownerId, name, key, payload, ttlSeconds, sentBy: caller.userId },
        ...(id !== undefined && {
          idempotency: { id, bodyHash: bodyHash({ name, key, payload, ttlSeconds }) },
        }),
      });
      switch (outcome.kind) {
        case 'sent':
        case 'repeated':
          return { event_id: `evt_${outcome.eventId}`, delivered: outcome.delivered, kept: outcome.kept };
        case 'id_conflict':
          throw new ApiError(
            'idempotency_conflict',
            `The event id ${id ?? ''} was used with another body; repeat that body, or take another id`,
          );
        case 'too_many_kept':
          throw conflict(
            `${String(outcome.limit)} events of this name and key are kept already: let executions wait for them, or send with a shorter ttl_seconds`,
          );
      }
    },
  };
}

function bodyHash(body: JsonObject): Buffer {
  return createHash('sha256').update(canonicalJson(body)).digest();
}

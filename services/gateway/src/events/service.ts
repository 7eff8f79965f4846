import { createHash } from 'node:crypto';
import {
  eventUuid,
  executionUuid,
  type JsonObject,
  type JsonValue,
  MAX_EVENT_PAYLOAD_BYTES,
  type SendEventRequest,
  type SendEventResponse,
  toEventId,
} from '@millrace/contracts';
import { canonicalJson } from '@millrace/engine';
import {
  type EventRepository,
  type EventWaitRecord,
  findKeptEvent,
  type KeptEventRecord,
  type Page,
  type PageRequest,
} from '@millrace/persistence';
import { ApiError, conflict, forbidden, notFound, type Principal } from '@millrace/service-kit';
import { ownerScope } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';

export interface EventService {
  /** Reaches the waits of the caller, or of the owner that an administrator names. */
  send(caller: Principal, event: SendEventRequest): Promise<SendEventResponse>;
  listKept(caller: Principal, query: KeptEventsQuery): Promise<Page<KeptEventRecord>>;
  getKept(caller: Principal, id: string): Promise<KeptEventRecord & { payload: JsonValue }>;
  discard(caller: Principal, id: string): Promise<void>;
  listWaits(caller: Principal, query: EventWaitsQuery): Promise<Page<EventWaitRecord>>;
}

export interface KeptEventsQuery extends PageRequest {
  name?: string | undefined;
  key?: string | undefined;
  owner?: string | undefined;
}

export interface EventWaitsQuery extends KeptEventsQuery {
  workflow?: string | undefined;
  execution?: string | undefined;
}

const DENIED = 'Access denied to this event';

export function createEventService({
  db,
  pool,
  runtime,
}: Pick<GatewayContext, 'db' | 'pool' | 'runtime'>): EventService {
  async function ownerOf(caller: Principal, owner: string | undefined): Promise<string> {
    if (owner === undefined || owner === caller.username) return caller.userId;
    if (!caller.admin) throw forbidden('Only administrators may send events to the executions of others');
    const user = await db.asPlatform(({ users }) => users.findByUsername(owner));
    if (user === undefined) throw notFound('User', owner);
    return user.id;
  }

  const unknownEvent = (id: string): Error => notFound('Event', id.slice(0, 100));

  /** 404, or 403 where the event is somebody else's. */
  async function hidden(id: string, uuid: string): Promise<Error> {
    return (await findKeptEvent(pool, uuid, null)) ? forbidden(DENIED) : unknownEvent(id);
  }

  /** Nothing is found for an owner whose events the caller may not see. */
  async function listFor<T, Q extends KeptEventsQuery>(
    caller: Principal,
    { owner, ...query }: Q,
    list: (
      events: EventRepository,
      filter: Omit<Q, 'owner'> & { ownerId: string | undefined },
    ) => Promise<Page<T>>,
  ): Promise<Page<T>> {
    const scope = await ownerScope(db, caller, owner);
    if (scope === undefined) return { items: [] };
    return db.asCaller(asDatabaseCaller(caller), ({ events }) => list(events, { ...query, ...scope }));
  }

  return {
    listKept: (caller, query) => listFor(caller, query, (events, filter) => events.listKept(filter)),

    listWaits: (caller, query) =>
      listFor(caller, query, (events, { workflow, execution, ...filter }) =>
        events.listWaits({
          ...filter,
          workflowId: workflow,
          executionId: execution === undefined ? undefined : executionUuid(execution),
        }),
      ),

    async getKept(caller, id) {
      const uuid = eventUuid(id);
      if (uuid === undefined) throw unknownEvent(id);
      const found = await db.asCaller(asDatabaseCaller(caller), ({ events }) => events.getKept(uuid));
      if (found) return found;
      throw await hidden(id, uuid);
    },

    async discard(caller, id) {
      const uuid = eventUuid(id);
      if (uuid === undefined) throw unknownEvent(id);
      const isDone = await runtime.externalEvents.discard(uuid, caller.admin ? null : caller.userId);
      if (!isDone) throw await hidden(id, uuid);
    },

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
          return { event_id: toEventId(outcome.eventId), delivered: outcome.delivered, kept: outcome.kept };
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

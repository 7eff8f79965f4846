import { type EventWait, type KeptEventSummary, toEventId, toExecutionId } from '@millrace/contracts';
import type { EventWaitRecord, KeptEventRecord } from '@millrace/persistence';
import type { GatewayContext } from '../context.js';
import { isoTime, isoTimeOrNull } from '../http/dates.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createEventService } from './service.js';

type Names = 'sendEvent' | 'listKeptEvents' | 'getKeptEvent' | 'discardEvent' | 'listEventWaits';

export function eventHandlers(context: GatewayContext): Handlers<Names> {
  const events = createEventService(context);
  return {
    sendEvent: async ({ caller, body }) => ({ status: 202, body: await events.send(caller, body) }),

    listKeptEvents: async ({ caller, query, request }) => {
      const { items, nextCursor } = await events.listKept(caller, query);
      return { status: 200, body: items.map(toKeptEvent), headers: nextPage(request, nextCursor) };
    },

    getKeptEvent: async ({ caller, params }) => {
      const { payload, ...event } = await events.getKept(caller, params.event_id);
      return { status: 200, body: { ...toKeptEvent(event), payload } };
    },

    discardEvent: async ({ caller, params }) => {
      await events.discard(caller, params.event_id);
      return { status: 204 };
    },

    listEventWaits: async ({ caller, query, request }) => {
      const { items, nextCursor } = await events.listWaits(caller, query);
      return { status: 200, body: items.map(toEventWait), headers: nextPage(request, nextCursor) };
    },
  };
}

function toKeptEvent(record: KeptEventRecord): KeptEventSummary {
  const { name, key, owner } = record;
  return {
    event_id: toEventId(record.id),
    ...{ name, key, owner },
    sent_by: record.sentBy,
    created_at: isoTime(record.createdAt),
    expires_at: isoTime(record.expiresAt),
  };
}

function toEventWait(record: EventWaitRecord): EventWait {
  const { iteration, attempt, owner, name, key } = record;
  return {
    execution_id: toExecutionId(record.executionId),
    step_id: record.stepId,
    ...{ iteration, attempt },
    workflow_id: record.workflowId,
    workflow_name: record.workflowName,
    ...{ owner, name, key },
    since: isoTime(record.createdAt),
    until: isoTimeOrNull(record.deadline),
  };
}

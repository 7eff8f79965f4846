import {
  type EventFrame,
  type EventType,
  isTerminal,
  type JsonObject,
  type NewEvent,
  toExecutionId,
} from '@millrace/contracts';
import type { CommittedRange } from '@millrace/messaging';

export interface CommittedEvents {
  executionId: string;
  workflowId: string;
  /** Of the first event. */
  fromSeq: number;
  at: Date;
  events: readonly NewEvent[];
}

/** A committed event in the one shape that clients see. `executionId` is the bare uuid. */
export function toFrame(event: {
  executionId: string;
  workflowId: string;
  seq: number;
  type: EventType;
  at: Date;
  data: JsonObject;
}): EventFrame {
  return {
    type: event.type,
    execution_id: toExecutionId(event.executionId),
    workflow_id: event.workflowId,
    seq: event.seq,
    timestamp: event.at.toISOString(),
    data: event.data,
  };
}

/** An event's data is JSON by its schema; only the optional keys of its type hide that from the compiler. */
function asJson(event: NewEvent): JsonObject {
  return event.data as JsonObject;
}

export function toCommittedRange(committed: CommittedEvents): CommittedRange {
  const { executionId, workflowId, fromSeq, at, events } = committed;
  const last = events.at(-1);
  return {
    executionId,
    workflowId,
    fromSeq,
    toSeq: fromSeq + events.length - 1,
    terminal: last !== undefined && isTerminal(last.type),
    frames: events.map((event, index) =>
      toFrame({ executionId, workflowId, seq: fromSeq + index, at, type: event.type, data: asJson(event) }),
    ),
  };
}

import {
  type EventFrame,
  type EventType,
  isTerminal,
  type JsonObject,
  toExecutionId,
} from '@millrace/contracts';
import type { CommittedRange } from '@millrace/messaging';

export interface CommittedEvents {
  executionId: string;
  workflowId: string;
  /** Of the first event. */
  fromSeq: number;
  at: Date;
  /** With the JSON of their data, as it was stored. */
  events: readonly { type: EventType; data: string }[];
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

/** The JSON of the frame `toFrame` makes, put together from the data's: an event is serialized once. */
function frameText(
  { executionId, workflowId, at }: CommittedEvents,
  seq: number,
  event: { type: EventType; data: string },
): string {
  const ids = `"execution_id":"${toExecutionId(executionId)}","workflow_id":${JSON.stringify(workflowId)}`;
  return `{"type":"${event.type}",${ids},"seq":${String(seq)},"timestamp":"${at.toISOString()}","data":${event.data}}`;
}

export function toCommittedRange(committed: CommittedEvents): CommittedRange {
  const { executionId, workflowId, fromSeq, events } = committed;
  const last = events.at(-1);
  return {
    executionId,
    workflowId,
    fromSeq,
    toSeq: fromSeq + events.length - 1,
    terminal: last !== undefined && isTerminal(last.type),
    frameTexts: events.map((event, index) => frameText(committed, fromSeq + index, event)),
  };
}

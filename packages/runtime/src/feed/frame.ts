import { type EventFrame, isTerminal, type TransientFrame } from '@millrace/contracts';
import type { StoredEvent } from '@millrace/persistence';
import { toFrame } from '../frames.js';

/** A committed event ready for any number of receivers: serialized once. */
export interface FeedEvent {
  readonly executionId: string;
  readonly seq: number;
  readonly isTerminal: boolean;
  readonly frame: EventFrame;
  /** JSON of the frame. */
  readonly text: string;
}

export interface FeedTransient {
  readonly executionId: string;
  readonly frame: TransientFrame;
  readonly text: string;
}

export function toFeedEvent(executionId: string, frame: EventFrame): FeedEvent {
  return {
    executionId,
    seq: frame.seq,
    isTerminal: isTerminal(frame.type),
    frame,
    text: JSON.stringify(frame),
  };
}

export function storedToFeedEvent(workflowId: string, event: StoredEvent): FeedEvent {
  return toFeedEvent(event.executionId, toFrame({ ...event, workflowId }));
}

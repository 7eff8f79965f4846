/** A log of executions in memory, and messages as the bus carries them. */
import type { EventType } from '@millrace/contracts';
import type { CommittedRange } from '@millrace/messaging';
import { type FeedEvent, toFeedEvent } from '../../../src/feed/frame.js';
import { toFrame } from '../../../src/frames.js';

export const WORKFLOW = 'wf_test';

/** The uuid of the `n`th execution. */
export function executionId(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

/** `queued`, steps, and a terminal event last when it is over. */
export function event(id: string, seq: number, { isLast = false } = {}): FeedEvent {
  let type: EventType = 'step_started';
  if (seq === 1) type = 'queued';
  if (isLast) type = 'completed';
  return toFeedEvent(
    id,
    toFrame({ executionId: id, workflowId: WORKFLOW, seq, type, at: new Date(1_000 * seq), data: {} }),
  );
}

/** Events `from` to `to` of a log that ends at `length`, where it ends at all. */
export function events(id: string, from: number, to: number, length = Infinity): FeedEvent[] {
  const list: FeedEvent[] = [];
  for (let seq = from; seq <= to; seq += 1) list.push(event(id, seq, { isLast: seq === length }));
  return list;
}

/** With frames as over Redis, without them as over Postgres. */
export function range(
  id: string,
  fromSeq: number,
  toSeq: number,
  { withFrames = true, length = Infinity } = {},
): CommittedRange {
  return {
    workflowId: WORKFLOW,
    executionId: id,
    fromSeq,
    toSeq,
    terminal: toSeq === length,
    ...(withFrames && { frames: events(id, fromSeq, toSeq, length).map(({ frame }) => frame) }),
  };
}

/** Lets everything that is ready to go on go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

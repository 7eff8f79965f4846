import { type Queryable, readEventRanges } from '@millrace/persistence';
import { createBatcher } from '../batcher.js';
import { type FeedEvent, storedToFeedEvent } from './frame.js';

export interface LogRange {
  executionId: string;
  workflowId: string;
  fromSeq: number;
  toSeq: number;
}

/** Reads entries of the log, both ends included; answers them in order. Rejects with the error of the database. */
export type ReadRange = (range: LogRange) => Promise<FeedEvent[]>;

/**
 * Reads ranges of many executions in one round trip: whatever is asked for while a read is under way goes with the next.
 * Several receivers that ask for the same entries at once share them, serialized once.
 */
export function createLogReader(
  db: Queryable,
  { maxRanges, concurrency }: { maxRanges: number; concurrency: number },
): ReadRange {
  const batcher = createBatcher<LogRange, FeedEvent[]>({
    maxItems: maxRanges,
    concurrency,
    flush: (ranges) => readTogether(db, ranges),
  });
  return (range) => batcher.add(range);
}

async function readTogether(db: Queryable, ranges: readonly LogRange[]): Promise<FeedEvent[][]> {
  const distinct = new Map(ranges.map((range) => [keyOf(range), range]));
  const workflowOf = new Map(ranges.map((range) => [range.executionId, range.workflowId]));
  const logs = new Map<string, Map<number, FeedEvent>>();
  for (const stored of await readEventRanges(db, [...distinct.values()])) {
    const { executionId, seq } = stored;
    const log = logs.get(executionId) ?? new Map<number, FeedEvent>();
    logs.set(executionId, log);
    // Overlapping ranges give an entry more than once.
    if (!log.has(seq)) log.set(seq, storedToFeedEvent(workflowOf.get(executionId) ?? '', stored));
  }
  return ranges.map((range) => entriesOf(logs.get(range.executionId), range));
}

function entriesOf(log: ReadonlyMap<number, FeedEvent> | undefined, range: LogRange): FeedEvent[] {
  const entries: FeedEvent[] = [];
  if (log === undefined) return entries;
  for (let seq = range.fromSeq; seq <= range.toSeq; seq += 1) {
    const event = log.get(seq);
    if (event === undefined) break;
    entries.push(event);
  }
  return entries;
}

function keyOf({ executionId, fromSeq, toSeq }: LogRange): string {
  return `${executionId} ${fromSeq} ${toSeq}`;
}

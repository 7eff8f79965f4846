import { setImmediate } from 'node:timers/promises';
import { type LogEvent, parseLogEvent } from '@millrace/contracts';
import { createState, type ExecutionState, partPlan } from '@millrace/engine';
import { type ExecutionRecord, type Queryable, readEvents, readShard } from '@millrace/persistence';
import { LogUnusableError } from './log-unusable.js';
import { type Part, readPart } from './part.js';
import type { LoadedPlan } from './plans.js';
import { toContext } from './recover.js';

/** An execution, live or finished, as its log tells it from the beginning. Large outputs are left where they are. */
export interface History {
  /** Before event 1: whoever takes an event folds it before taking the next. */
  readonly state: ExecutionState;
  /** What is committed. Others get their turn between the events, however many there are. */
  events(): AsyncGenerator<LogEvent, void, undefined>;
}

/** Events may be 64 KiB each. */
const PAGE = 250;
/** The longest this process is busy with one log before others get their turn. */
const TURN_MS = 5;

/** Of any execution; a child that runs a part of a map has the plan of that part. */
export async function openHistory(
  db: Queryable,
  record: ExecutionRecord,
  { plan, workflowName }: LoadedPlan,
): Promise<History> {
  const part = record.isShard ? await readPartOf(db, record.id) : null;
  const rootId = part?.rootId ?? record.rootId;
  const context = toContext({ ...record, executionId: record.id, rootId }, workflowName, part);
  return {
    state: createState(part === null ? plan : partPlan(plan, part.stepId), context),
    events: () => readLog(db, record.id),
  };
}

/** What the part sees of its parent may be gone by now; what it did can be told without. */
async function readPartOf(db: Queryable, executionId: string): Promise<Part | null> {
  const json = await readShard(db, executionId);
  if (json === undefined) return null;
  try {
    return await readPart(db, json);
  } catch (error) {
    if (!(error instanceof LogUnusableError)) throw error;
    return readPart(db, { ...json, scope: { output: { steps: {} } } });
  }
}

async function* readLog(db: Queryable, executionId: string): AsyncGenerator<LogEvent, void, undefined> {
  let afterSeq = 0;
  for (;;) {
    const page = await readEvents(db, executionId, afterSeq, PAGE);
    let since = performance.now();
    for (const { seq, type, at, data } of page) {
      yield parseLogEvent({ seq, type, timestamp: at.toISOString(), data });
      if (performance.now() - since < TURN_MS) continue;
      await setImmediate();
      since = performance.now();
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    afterSeq = last.seq;
  }
}

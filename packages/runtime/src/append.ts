import type { NewEvent, Usage } from '@millrace/contracts';
import {
  type Append,
  appendEvents,
  type AppendOutcome,
  type AppendResult,
  isDataError,
  readPosition,
} from '@millrace/persistence';
import { createBatcher } from './batcher.js';
import type { RuntimeContext } from './context.js';
import type { FollowUps } from './follow-up.js';
import { fingerprintOf } from './fingerprint.js';
import { toCommittedRange } from './frames.js';
import { pauseAfter } from './persistently.js';
import type { Publisher } from './publish.js';

export interface AppendRequest {
  executionId: string;
  workflowId: string;
  /** A run of a draft: its failure waits for nobody. */
  isTest?: boolean;
  epoch: number;
  /** `last_seq` before. */
  seq: number;
  events: readonly NewEvent[];
  outcome: AppendOutcome;
  inboxSeen: number;
  stepsCompleted: number;
  currentStep: string | null;
  /** What the model calls consumed so far. */
  usage?: Usage | undefined;
}

export type AppendAnswer =
  | { kind: 'committed' }
  /** Another claim owns it, or (when suspending) a message arrived that was not seen: read the position and decide. */
  | { kind: 'fenced' }
  /** The database refused a value of this append; nothing of it was written. */
  | { kind: 'refused'; message: string };

export interface Appender {
  /**
   * Writes events of one execution together with whatever others are appending. One append of an execution at a time.
   * While the database is away or its reply was lost it tries again, until `signal` fires: then the answer is `fenced`.
   */
  append(request: AppendRequest, signal: AbortSignal): Promise<AppendAnswer>;
  idle(): Promise<void>;
}

/** A flush holds at most so many executions: enough to amortise the commit, few enough to stay below 10 ms. */
const MAX_BATCH = 200;
/** And so many UTF-16 units, or others would feel what it takes to send and to publish them. */
const MAX_BATCH_SIZE = 1_000_000;
/** What an event costs beside its data. */
const EVENT_SIZE = 250;

/** A request as it is written and published, its events serialized once for both. */
interface Prepared extends Append {
  workflowId: string;
  size: number;
}

/** Codes may be a step's own words; this much of one is looked for. */
const MAX_CODE = 200;

/** A failure takes what its error is found by along; the event that ends the log holds it. One of a test is no dead letter. */
function withErrorKeys({ outcome, events, workflowId, isTest = false }: AppendRequest): AppendOutcome {
  if (outcome.status !== 'failed' && outcome.status !== 'timed_out') return outcome;
  const last = events.at(-1);
  if (last?.type !== 'failed' && last?.type !== 'timed_out') return outcome;
  const { error } = last.data;
  // Text of the database holds no such character.
  const errorCode = error.code.replaceAll('\u0000', '\uFFFD').slice(0, MAX_CODE);
  return { ...outcome, errorCode, ...(!isTest && { errorFingerprint: fingerprintOf(workflowId, error) }) };
}

function prepare(request: AppendRequest): Prepared {
  const events = request.events.map((event) => ({ type: event.type, data: JSON.stringify(event.data) }));
  return {
    ...request,
    outcome: withErrorKeys(request),
    usage: request.usage && JSON.stringify(request.usage),
    events,
    size: events.reduce((size, { data }) => size + EVENT_SIZE + data.length, 0),
  };
}

export function createAppender(
  context: RuntimeContext,
  publisher: Publisher,
  followUps: Pick<FollowUps, 'ended'>,
): Appender {
  const { db, events, settings, crash, log, databaseOutage } = context;

  async function write(requests: readonly Prepared[]): Promise<AppendResult> {
    const result = await appendEvents(db, requests);
    crash('append_sent_reply_lost');
    return result;
  }

  /** Schedulers look every few seconds by themselves; a timer that is due before that is told to them. */
  function announceTimers(requests: readonly Prepared[], committed: ReadonlySet<string>, at: Date): void {
    let nearest: Date | undefined;
    for (const { executionId, outcome } of requests) {
      if (outcome.status !== 'waiting' || outcome.wakeAt === null || !committed.has(executionId)) continue;
      if (nearest === undefined || outcome.wakeAt < nearest) nearest = outcome.wakeAt;
    }
    if (nearest === undefined || nearest.getTime() - at.getTime() > settings.timerLookSeconds * 1_000) return;
    events.publishWakeup({ wakeAt: nearest }).catch((error: unknown) => {
      log.debug({ err: error }, 'a timer was not announced; the scheduler finds it when it looks');
    });
  }

  /** One culprit must not fail its neighbours: halve the batch until it stands alone. */
  async function bisect(requests: readonly Prepared[], error: unknown): Promise<AppendAnswer[]> {
    if (requests.length === 1) {
      return [{ kind: 'refused', message: error instanceof Error ? error.message : 'the value was refused' }];
    }
    const half = Math.ceil(requests.length / 2);
    const answers = [await flush(requests.slice(0, half)), await flush(requests.slice(half))];
    return answers.flat();
  }

  async function flush(requests: readonly Prepared[]): Promise<AppendAnswer[]> {
    let result: AppendResult;
    try {
      result = await write(requests);
    } catch (error) {
      if (isDataError(error)) return bisect(requests, error);
      throw error;
    }
    const { committed, at } = result;
    crash('append_committed_not_published');
    if (at !== undefined) {
      announceTimers(requests, committed, at);
      publisher.publish(
        requests
          .filter((request) => committed.has(request.executionId) && request.events.length > 0)
          .map((request) => toCommittedRange({ ...request, fromSeq: request.seq + 1, at })),
      );
      followUps.ended(result.followUps);
    }
    return requests.map((request) => ({ kind: committed.has(request.executionId) ? 'committed' : 'fenced' }));
  }

  const batcher = createBatcher<Prepared, AppendAnswer>({
    maxItems: MAX_BATCH,
    maxSize: MAX_BATCH_SIZE,
    sizeOf: ({ size }) => size,
    concurrency: 2,
    flush,
  });

  /** Only this claim writes under its epoch, so a log that stands where the append leads holds the append. */
  async function arrived(request: Prepared): Promise<boolean> {
    const position = await readPosition(db, request.executionId);
    return position?.epoch === request.epoch && position.lastSeq === request.seq + request.events.length;
  }

  async function append(asked: AppendRequest, signal: AbortSignal): Promise<AppendAnswer> {
    const request = prepare(asked);
    for (let failures = 0; ;) {
      if (signal.aborted) return { kind: 'fenced' };
      try {
        const answer = await batcher.add(request);
        if (failures === 0) return answer;
        databaseOutage.recovered();
        // What was written by the try whose answer was lost has not been published: followers compare with the log.
        return answer.kind === 'fenced' && (await arrived(request)) ? { kind: 'committed' } : answer;
      } catch (error) {
        failures += 1;
        databaseOutage.failed(error);
        await pauseAfter(failures, signal);
      }
    }
  }

  return { append, idle: () => batcher.idle() };
}

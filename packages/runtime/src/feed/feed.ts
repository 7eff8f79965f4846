import type { EventBus, Log } from '@millrace/messaging';
import { type ExecutionHead, type Queryable, readHeads, readWorkflowHeads } from '@millrace/persistence';
import { createLogReader } from './log-reader.js';
import { readSnapshot } from './snapshot.js';
import { type FeedSink, resumePoint, Subscription } from './subscription.js';
import { openWorkflowFeed, type WorkflowFeed } from './workflow-feed.js';

export interface FeedOptions {
  /** A pool with the role `millrace_engine`. */
  db: Queryable;
  events: EventBus;
  log: Log;
  /** How often what was delivered is compared with the database. */
  reconcileMs?: number;
}

/** `unknown`: no execution of this workflow. `beyond`: its log is not that long; it goes on live. */
export type ResumeOutcome = { kind: 'caught_up' | 'beyond'; head: ExecutionHead } | { kind: 'unknown' };

/** `too_many`: nothing was sent but what is live. */
export type ResumeAllOutcome = { kind: 'caught_up'; beyond: readonly ExecutionHead[] } | { kind: 'too_many' };

export interface FollowedStream {
  /**
   * Sends the log of one execution after `lastSeq`, then live; from here on nothing of it is missing, repeated or out
   * of order. Resolves when it has caught up. Resumes of one stream run one after another. Rejects when the log
   * cannot be read, and nothing more is delivered then: a gap is worse than an end.
   */
  resume(executionId: string, lastSeq: number): Promise<ResumeOutcome>;
  /**
   * The same for a whole workflow: tells `onSnapshot` the live executions and those that finished since a moment, then
   * sends what each of them has after its position (bare uuid to seq), from 1 where there is none.
   */
  resumeAll(
    since: Date,
    positions: ReadonlyMap<string, number>,
    onSnapshot: (heads: readonly ExecutionHead[]) => void,
  ): Promise<ResumeAllOutcome>;
  /** The live stream has come this far; undefined for an execution it has not heard of. */
  position(executionId: string): number | undefined;
  /** The live executions, and those that finished since a moment. */
  heads(since: Date): Promise<ExecutionHead[]>;
  close(): Promise<void>;
}

/**
 * Live streams of any number of receivers in this process. Per workflow one subscription of the bus, one ordered stream;
 * what the bus loses is found by comparing with the log every two seconds and after each reconnect.
 */
export interface Feed {
  /**
   * Begins to deliver live events of a workflow, or of one of its executions (bare uuid); with `withhold` not before
   * the first resume.
   */
  follow(
    target: { workflowId: string; executionId?: string | undefined },
    sink: FeedSink,
    options?: { withhold?: boolean },
  ): Promise<FollowedStream>;
  /** Receivers at the moment. */
  readonly size: number;
  stop(): Promise<void>;
}

const RECONCILE_MS = 2_000;
/** Overlap of two comparisons, for transactions that committed later than their timestamp says. */
const OVERLAP_SECONDS = 10;

export function createFeed({ db, events, log, reconcileMs = RECONCILE_MS }: FeedOptions): Feed {
  const opening = new Map<string, Promise<WorkflowFeed>>();
  const ready = new Map<string, WorkflowFeed>();
  let isStopped = false;
  let reconciling: Promise<void> | undefined;
  let isAskedAgain = false;
  let comparedAt = performance.now();
  // What is live goes before what is past; a page of the past may be large.
  const read = createLogReader(db, { maxRanges: 64, concurrency: 2 });
  const readPast = createLogReader(db, { maxRanges: 12, concurrency: 1 });

  async function open(workflowId: string): Promise<WorkflowFeed> {
    const feed = await openWorkflowFeed({ workflowId, db, events, log, read });
    if (isStopped) {
      await feed.close();
      throw stoppedError();
    }
    ready.set(workflowId, feed);
    return feed;
  }

  function enter(workflowId: string): Promise<WorkflowFeed> {
    if (isStopped) return Promise.reject(stoppedError());
    const present = opening.get(workflowId);
    if (present !== undefined) return present;
    const feed = open(workflowId);
    opening.set(workflowId, feed);
    feed.catch(() => {
      if (opening.get(workflowId) === feed) opening.delete(workflowId);
    });
    return feed;
  }

  /** The last receiver of a feed may have closed it while we waited for it. */
  async function enterReady(workflowId: string): Promise<WorkflowFeed> {
    for (;;) {
      const feed = await enter(workflowId);
      if (ready.get(workflowId) === feed) return feed;
    }
  }

  async function leave(feed: WorkflowFeed, subscription: Subscription): Promise<void> {
    subscription.close();
    const { workflowId, subscriptions } = feed;
    subscriptions.delete(subscription);
    if (subscriptions.size > 0 || ready.get(workflowId) !== feed) return;
    ready.delete(workflowId);
    opening.delete(workflowId);
    await feed.close();
  }

  /** One query for all workflows: what the log holds beyond what was delivered is read and delivered. */
  async function compare(): Promise<void> {
    const startedAt = performance.now();
    const workflowIds = [...ready.keys()];
    if (workflowIds.length > 0) {
      const secondsAgo = (startedAt - comparedAt) / 1_000 + OVERLAP_SECONDS;
      const heads = await readWorkflowHeads(db, workflowIds, { secondsAgo });
      for (const head of heads) ready.get(head.workflowId)?.compare(head);
      for (const feed of ready.values()) feed.tend();
    }
    comparedAt = startedAt;
  }

  function reconcile(): void {
    if (reconciling !== undefined) {
      isAskedAgain = true;
      return;
    }
    isAskedAgain = false;
    reconciling = compare()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'could not compare live streams with the log; trying again');
      })
      .finally(() => {
        reconciling = undefined;
        if (isAskedAgain && !isStopped) reconcile();
      });
  }

  const timer = setInterval(() => {
    if (reconciling === undefined) reconcile();
  }, reconcileMs);
  timer.unref();
  // What a comparison under way has read may be older than the reconnect: it is made once more.
  const offReconnect = events.onReconnect(reconcile);

  return {
    get size() {
      let size = 0;
      for (const feed of ready.values()) size += feed.subscriptions.size;
      return size;
    },

    async follow({ workflowId, executionId: only }, sink, { withhold = false } = {}) {
      const feed = await enterReady(workflowId);
      const subscription = new Subscription(
        {
          position: (executionId) => feed.position(executionId),
          readAfter: (executionId, afterSeq, limit) =>
            readPast({ executionId, workflowId, fromSeq: afterSeq + 1, toSeq: afterSeq + limit }),
        },
        sink,
        { only, withhold },
      );
      feed.subscriptions.add(subscription);
      return {
        resume: (executionId, lastSeq) => resumeOne(db, workflowId, subscription, executionId, lastSeq),
        resumeAll: (since, positions, onSnapshot) =>
          resumeAll(db, workflowId, subscription, { since, positions, onSnapshot }),
        position: (executionId) => feed.position(executionId),
        heads: (since) => readWorkflowHeads(db, [workflowId], since),
        close: () => leave(feed, subscription),
      };
    },

    async stop() {
      isStopped = true;
      clearInterval(timer);
      offReconnect();
      await reconciling;
      const feeds = [...ready.values()];
      ready.clear();
      opening.clear();
      for (const { subscriptions } of feeds) for (const subscription of subscriptions) subscription.close();
      await Promise.all(feeds.map((feed) => feed.close()));
    },
  };
}

async function resumeOne(
  db: Queryable,
  workflowId: string,
  subscription: Subscription,
  executionId: string,
  lastSeq: number,
): Promise<ResumeOutcome> {
  let outcome: ResumeOutcome = { kind: 'unknown' };
  await subscription.resume(async () => {
    const [head] = await readHeads(db, [executionId]);
    if (head?.workflowId !== workflowId) return new Map();
    const point = resumePoint(head, lastSeq);
    outcome = { kind: point === undefined ? 'beyond' : 'caught_up', head };
    return point === undefined ? new Map() : new Map([[executionId, point]]);
  });
  return outcome;
}

async function resumeAll(
  db: Queryable,
  workflowId: string,
  subscription: Subscription,
  asked: {
    since: Date;
    positions: ReadonlyMap<string, number>;
    onSnapshot: (heads: readonly ExecutionHead[]) => void;
  },
): Promise<ResumeAllOutcome> {
  let outcome: ResumeAllOutcome = { kind: 'too_many' };
  await subscription.resume(async () => {
    const snapshot = await readSnapshot(db, workflowId, asked.since, asked.positions);
    if (snapshot === undefined) return new Map();
    if (!subscription.isClosed) asked.onSnapshot(snapshot.heads);
    outcome = { kind: 'caught_up', beyond: snapshot.beyond };
    return snapshot.points;
  });
  return outcome;
}

function stoppedError(): Error {
  return new Error('the feed is stopped');
}

import type { EventBus, Log, WorkflowMessage } from '@millrace/messaging';
import {
  type ExecutionHead,
  type Queryable,
  readEventRanges,
  readEvents,
  readHeads,
  readWorkflowHeads,
} from '@millrace/persistence';
import { executionUuid } from '@millrace/contracts';
import { createBatcher } from '../batcher.js';
import { type FeedEvent, storedToFeedEvent } from './frame.js';
import { Sequencer } from './sequencer.js';
import { type FeedSink, Subscription, type SubscriptionSource } from './subscription.js';

export interface FeedOptions {
  /** A pool with the role `millrace_engine`. */
  db: Queryable;
  events: EventBus;
  log: Log;
  /** How often what was delivered is compared with the database. */
  reconcileMs?: number;
}

export interface FollowedStream {
  /** Sends the log of one execution after `lastSeq`, then live. Undefined when the execution is not of this workflow. */
  resume(executionId: string, lastSeq: number): Promise<ExecutionHead | undefined>;
  /** The live executions, and those that finished since a moment. */
  heads(since: Date): Promise<ExecutionHead[]>;
  close(): Promise<void>;
}

/**
 * Live streams of any number of receivers in this process. Per workflow one subscription of the bus, one ordered stream;
 * what the bus loses is found by comparing with the log every two seconds and after each reconnect.
 */
export interface Feed {
  /** Begins to deliver live events of a workflow, or of one of its executions (bare uuid). */
  follow(target: { workflowId: string; executionId?: string }, sink: FeedSink): Promise<FollowedStream>;
  /** Receivers at the moment. */
  readonly size: number;
  stop(): Promise<void>;
}

interface WorkflowFeed {
  sequencer: Sequencer;
  subscriptions: Set<Subscription>;
  /** By this process's monotonic clock. */
  openedAt: number;
  unsubscribe: () => Promise<void>;
}

const RECONCILE_MS = 2_000;
/** Overlap of two comparisons, for transactions that committed later than their timestamp says. */
const OVERLAP_SECONDS = 10;

interface LogRange {
  executionId: string;
  workflowId: string;
  fromSeq: number;
  toSeq: number;
}

export function createFeed({ db, events, log, reconcileMs = RECONCILE_MS }: FeedOptions): Feed {
  const feeds = new Map<string, Promise<WorkflowFeed>>();
  const ready = new Map<string, WorkflowFeed>();
  let reconciling: Promise<void> | undefined;
  let lastReconciledAt = performance.now();

  const reader = createBatcher<LogRange, FeedEvent[]>({
    maxItems: 200,
    concurrency: 2,
    async flush(ranges) {
      const stored = await readEventRanges(db, ranges);
      const byExecution = new Map<string, FeedEvent[]>();
      const workflowOf = new Map(ranges.map((range) => [range.executionId, range.workflowId]));
      for (const event of stored) {
        const workflowId = workflowOf.get(event.executionId) ?? '';
        const list = byExecution.get(event.executionId) ?? [];
        list.push(storedToFeedEvent(workflowId, event));
        byExecution.set(event.executionId, list);
      }
      return ranges.map((range) => byExecution.get(range.executionId) ?? []);
    },
    keyOf: (range) => range.executionId,
  });

  function onMessage(feed: WorkflowFeed, message: WorkflowMessage): void {
    if (message.kind === 'committed') {
      feed.sequencer.receive(message.range);
      return;
    }
    const { frame } = message;
    const executionId = executionUuid(frame.execution_id) ?? '';
    const transient = { executionId, frame, text: JSON.stringify(frame) };
    for (const subscription of feed.subscriptions) subscription.transient(transient);
  }

  /** Subscribes first and reads where the log stands second: whatever commits in between arrives by one of the two. */
  async function open(workflowId: string): Promise<WorkflowFeed> {
    const early: WorkflowMessage[] = [];
    let feed: WorkflowFeed | undefined;
    const unsubscribe = await events.subscribeWorkflow(workflowId, (message) => {
      if (feed === undefined) early.push(message);
      else onMessage(feed, message);
    });
    try {
      const heads = await readWorkflowHeads(db, [workflowId], { secondsAgo: 2 * OVERLAP_SECONDS });
      const subscriptions = new Set<Subscription>();
      const sequencer = new Sequencer({
        workflowId,
        read: (executionId, fromSeq, toSeq) => reader.add({ executionId, workflowId, fromSeq, toSeq }),
        emit(event) {
          for (const subscription of subscriptions) subscription.live(event);
        },
        onReadError(error) {
          log.warn({ err: error, workflow_id: workflowId }, 'could not read the log; trying again');
        },
      });
      for (const head of heads) sequencer.begin(head.executionId, head.lastSeq);
      feed = { sequencer, subscriptions, openedAt: performance.now(), unsubscribe };
      for (const message of early) onMessage(feed, message);
      ready.set(workflowId, feed);
      return feed;
    } catch (error) {
      await unsubscribe();
      throw error;
    }
  }

  function enter(workflowId: string): Promise<WorkflowFeed> {
    let feed = feeds.get(workflowId);
    if (feed === undefined) {
      feed = open(workflowId);
      feeds.set(workflowId, feed);
      feed.catch(() => feeds.delete(workflowId));
    }
    return feed;
  }

  /** The last receiver of a feed may have closed it while we waited for it. */
  async function enterReady(workflowId: string): Promise<WorkflowFeed> {
    for (;;) {
      const feed = await enter(workflowId);
      if (ready.get(workflowId) === feed) return feed;
    }
  }

  async function leave(workflowId: string, feed: WorkflowFeed, subscription: Subscription): Promise<void> {
    subscription.close();
    feed.subscriptions.delete(subscription);
    if (feed.subscriptions.size > 0 || ready.get(workflowId) !== feed) return;
    ready.delete(workflowId);
    feeds.delete(workflowId);
    await feed.unsubscribe();
  }

  /** One query for all workflows: what the log holds beyond what was delivered is read and delivered. */
  async function compare(): Promise<void> {
    if (ready.size === 0) {
      lastReconciledAt = performance.now();
      return;
    }
    const startedAt = performance.now();
    const secondsAgo = (startedAt - lastReconciledAt) / 1_000 + OVERLAP_SECONDS;
    const heads = await readWorkflowHeads(db, [...ready.keys()], { secondsAgo });
    lastReconciledAt = startedAt;
    for (const { workflowId, executionId, lastSeq, finishedSecondsAgo } of heads) {
      const feed = ready.get(workflowId);
      if (feed === undefined) continue;
      // What ended before anybody listened is history, not news.
      const openSeconds = (performance.now() - feed.openedAt) / 1_000;
      const isOver = finishedSecondsAgo !== null && finishedSecondsAgo > openSeconds;
      if (!isOver || feed.sequencer.position(executionId) !== undefined) {
        feed.sequencer.reconcile(executionId, lastSeq);
      }
    }
    for (const { sequencer } of ready.values()) sequencer.prune();
  }

  function reconcile(): void {
    reconciling ??= compare()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'could not compare live streams with the log; trying again');
      })
      .finally(() => {
        reconciling = undefined;
      });
  }

  const timer = setInterval(reconcile, reconcileMs);
  timer.unref();
  const offReconnect = events.onReconnect(reconcile);

  return {
    get size() {
      let size = 0;
      for (const feed of ready.values()) size += feed.subscriptions.size;
      return size;
    },
    async follow({ workflowId, executionId: only }, sink) {
      const feed = await enterReady(workflowId);
      const source: SubscriptionSource = {
        position: (executionId) => feed.sequencer.position(executionId),
        readAfter: async (executionId, afterSeq, limit) =>
          (await readEvents(db, executionId, afterSeq, limit)).map((event) =>
            storedToFeedEvent(workflowId, event),
          ),
      };
      const subscription = new Subscription(source, sink, only);
      feed.subscriptions.add(subscription);
      return {
        async resume(executionId, lastSeq) {
          const [head] = await readHeads(db, [executionId]);
          if (head?.workflowId !== workflowId) return undefined;
          await subscription.resume(head, lastSeq);
          return head;
        },
        heads: (since) => readWorkflowHeads(db, [workflowId], since),
        close: () => leave(workflowId, feed, subscription),
      };
    },
    async stop() {
      clearInterval(timer);
      offReconnect();
      await reconciling;
      const open = [...ready.values()];
      ready.clear();
      feeds.clear();
      await Promise.all(open.map((feed) => feed.unsubscribe()));
    },
  };
}

import { executionUuid } from '@millrace/contracts';
import type { EventBus, Log, WorkflowMessage } from '@millrace/messaging';
import { type ExecutionHead, type Queryable, readWorkflowHeads } from '@millrace/persistence';
import type { ReadRange } from './log-reader.js';
import { Sequencer } from './sequencer.js';
import type { Subscription } from './subscription.js';

/** What finished so shortly before a feed opened may still be told of by a message under way. */
const REMEMBERED_SECONDS = 20;

export interface WorkflowFeed {
  readonly workflowId: string;
  readonly subscriptions: Set<Subscription>;
  position(executionId: string): number | undefined;
  /** Takes in what a comparison with the database found. */
  compare(head: ExecutionHead): void;
  /** Repairs and forgets; after each comparison. */
  tend(): void;
  close(): Promise<void>;
}

export interface WorkflowFeedOptions {
  workflowId: string;
  db: Queryable;
  events: EventBus;
  log: Log;
  read: ReadRange;
}

/**
 * One subscription of the bus and one ordered stream for all receivers of a workflow in this process. Subscribes first
 * and reads where the log stands second: whatever commits in between arrives by one of the two.
 */
export async function openWorkflowFeed(options: WorkflowFeedOptions): Promise<WorkflowFeed> {
  const { workflowId, db, events, log, read } = options;
  const openedAt = performance.now();
  const subscriptions = new Set<Subscription>();
  const sequencer = new Sequencer({
    read: (executionId, fromSeq, toSeq) => read({ executionId, workflowId, fromSeq, toSeq }),
    emit(event) {
      for (const subscription of subscriptions) subscription.live(event);
    },
    onReadError(error) {
      log.warn({ err: error, workflow_id: workflowId }, 'could not read the log; trying again');
    },
  });

  function receive(message: WorkflowMessage): void {
    if (message.kind === 'committed') {
      sequencer.receive(message.range);
      return;
    }
    const { frame } = message;
    const executionId = executionUuid(frame.execution_id) ?? '';
    const transient = { executionId, frame, text: JSON.stringify(frame) };
    for (const subscription of subscriptions) subscription.transient(transient);
  }

  let early: WorkflowMessage[] | undefined = [];
  const unsubscribe = await events.subscribeWorkflow(workflowId, (message) => {
    if (early === undefined) receive(message);
    else early.push(message);
  });
  try {
    const heads = await readWorkflowHeads(db, [workflowId], { secondsAgo: REMEMBERED_SECONDS });
    for (const { executionId, lastSeq, finishedSecondsAgo } of heads) {
      sequencer.begin(executionId, lastSeq, { isOver: finishedSecondsAgo !== null });
    }
  } catch (error) {
    await unsubscribe();
    throw error;
  }
  for (const message of early) receive(message);
  early = undefined;

  return {
    workflowId,
    subscriptions,
    position: (executionId) => sequencer.position(executionId),
    compare({ executionId, lastSeq, finishedSecondsAgo }) {
      // What ended before anybody listened is history, not news.
      const openSeconds = (performance.now() - openedAt) / 1_000;
      const isHistory = finishedSecondsAgo !== null && finishedSecondsAgo > openSeconds;
      if (!isHistory || sequencer.position(executionId) !== undefined)
        sequencer.reconcile(executionId, lastSeq);
    },
    tend: () => {
      sequencer.tend();
    },
    close: unsubscribe,
  };
}

/** A database with a log and a bus, both in memory and both able to fail: what a feed stands on. */
import type { EventBus, WorkflowMessage } from '@millrace/messaging';
import type { Queryable } from '@millrace/persistence';
import type { FeedEvent, FeedTransient } from '../../../src/feed/frame.js';
import type { FeedSink } from '../../../src/feed/subscription.js';
import { event, range, WORKFLOW } from './log.js';

interface Execution {
  workflowId: string;
  lastSeq: number;
  /** 0 while it is live. */
  length: number;
  finishedSecondsAgo: number | null;
}

export interface World {
  readonly db: Queryable;
  readonly events: EventBus;
  readonly executions: Map<string, Execution>;
  /** Names of the queries that fail, and how often each was made. */
  readonly failing: Set<string>;
  readonly queries: Map<string, number>;
  /** Subscriptions of the bus, open at the moment. */
  readonly subscribed: Map<string, number>;
  /** Queries wait for this, where it is set. */
  gate: Promise<void> | undefined;
  /** Adds events to a log; tells the bus unless `silent`. */
  commit(
    id: string,
    count?: number,
    options?: { silent?: boolean; isLast?: boolean; withFrames?: boolean },
  ): void;
  publish(message: WorkflowMessage): void;
  reconnect(): void;
}

/** The driver's many ways to ask are one here. */
function asQueryable(database: {
  query: (query: { name?: string; values?: unknown[] }) => Promise<object>;
}): Queryable {
  const loose: object = database;
  return loose as Queryable;
}

/** The part of the bus that a feed has no use for. */
const SILENT: Omit<EventBus, 'subscribeWorkflow' | 'onReconnect'> = {
  publishCommitted: () => Promise.resolve(),
  publishTransient: () => Promise.resolve(),
  publishControl: () => Promise.resolve(),
  publishWakeup: () => Promise.resolve(),
  subscribeControl: () => Promise.resolve(() => Promise.resolve()),
  subscribeWakeups: () => Promise.resolve(() => Promise.resolve()),
  health: () => Promise.resolve({ ok: true }),
  close: () => Promise.resolve(),
};

export function createWorld(): World {
  const executions = new Map<string, Execution>();
  const listeners = new Map<string, Set<(message: WorkflowMessage) => void>>();
  const reconnectListeners = new Set<() => void>();
  const failing = new Set<string>();
  const queries = new Map<string, number>();
  const subscribed = new Map<string, number>();

  const headRow = (id: string, { workflowId, lastSeq, finishedSecondsAgo }: Execution) => ({
    ...{ id, workflow_id: workflowId, last_seq: lastSeq },
    status: finishedSecondsAgo === null ? 'running' : 'completed',
    finished_seconds_ago: finishedSecondsAgo,
  });
  const eventRow = (id: string, seq: number) => {
    const length = executions.get(id)?.length ?? 0;
    const { frame } = event(id, seq, { isLast: seq === length });
    return { execution_id: id, seq, type: frame.type, at: new Date(frame.timestamp), data: frame.data };
  };
  function answer(name: string, values: readonly unknown[]): object[] {
    const all = [...executions];
    const [first, second, third] = values;
    if (name === 'read_heads' && Array.isArray(first)) {
      return all.filter(([id]) => first.includes(id)).map(([id, one]) => headRow(id, one));
    }
    if (name === 'read_workflow_heads' && Array.isArray(first)) {
      const seconds = second instanceof Date ? (Date.now() - second.getTime()) / 1_000 : Number(third);
      return all
        .filter(([, one]) => first.includes(one.workflowId))
        .filter(([, { finishedSecondsAgo: ago }]) => ago === null || ago <= seconds)
        .map(([id, one]) => headRow(id, one));
    }
    if (
      name === 'read_event_ranges' &&
      Array.isArray(first) &&
      Array.isArray(second) &&
      Array.isArray(third)
    ) {
      return first.flatMap((id: string, index) => {
        const rows = [];
        const last = Math.min(Number(third[index]), executions.get(id)?.lastSeq ?? 0);
        for (let seq = Number(second[index]); seq <= last; seq += 1) rows.push(eventRow(id, seq));
        return rows;
      });
    }
    return [{ count: all.length }];
  }

  const world: World = {
    ...{ executions, failing, queries, subscribed, gate: undefined },
    db: asQueryable({
      async query(query: string | { name?: string; values?: unknown[] }) {
        const name = typeof query === 'string' ? 'count' : (query.name ?? '');
        queries.set(name, (queries.get(name) ?? 0) + 1);
        const values = typeof query === 'string' ? [] : (query.values ?? []);
        // What was committed before the answer left belongs to it.
        const rows = answer(name, values);
        await world.gate;
        if (failing.has(name)) throw new Error(`${name} failed`);
        return { rows, rowCount: rows.length };
      },
    }),
    events: {
      ...SILENT,
      async subscribeWorkflow(workflowId: string, listener: (message: WorkflowMessage) => void) {
        const set = listeners.get(workflowId) ?? new Set();
        listeners.set(workflowId, set.add(listener));
        subscribed.set(workflowId, set.size);
        await Promise.resolve();
        return async () => {
          set.delete(listener);
          subscribed.set(workflowId, set.size);
          await Promise.resolve();
        };
      },
      onReconnect(listener: () => void) {
        reconnectListeners.add(listener);
        return () => reconnectListeners.delete(listener);
      },
    },
    commit(id, count = 1, { silent = false, isLast = false, withFrames = true } = {}) {
      const execution = executions.get(id) ?? {
        workflowId: WORKFLOW,
        lastSeq: 0,
        length: 0,
        finishedSecondsAgo: null,
      };
      executions.set(id, execution);
      const from = execution.lastSeq + 1;
      execution.lastSeq += count;
      if (isLast) Object.assign(execution, { length: execution.lastSeq, finishedSecondsAgo: 0 });
      const length = isLast ? execution.lastSeq : Infinity;
      if (!silent) {
        world.publish({
          kind: 'committed',
          range: range(id, from, execution.lastSeq, { withFrames, length }),
        });
      }
    },
    publish(message) {
      const workflowId = message.kind === 'committed' ? message.range.workflowId : message.frame.workflow_id;
      for (const listener of listeners.get(workflowId) ?? []) listener(message);
    },
    reconnect() {
      for (const listener of reconnectListeners) listener();
    },
  };
  return world;
}

export interface Receiver extends FeedSink {
  readonly received: { id: string; seq: number }[];
  seqs(id: string): number[];
}

export function createReceiver(): Receiver {
  const received: { id: string; seq: number }[] = [];
  return {
    received,
    event: ({ executionId: id, seq }: FeedEvent) => received.push({ id, seq }),
    transient: ({ executionId: id }: FeedTransient) => received.push({ id, seq: 0 }),
    ready: () => undefined,
    seqs: (id) => received.filter((one) => one.id === id).map(({ seq }) => seq),
  };
}

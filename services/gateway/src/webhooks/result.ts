import { isTerminal, type JsonValue, toExecutionId } from '@millrace/contracts';
import { readExecution, readHeads, readJsonBlob } from '@millrace/persistence';
import { type FeedSink, type FollowedStream, parseBlobReference } from '@millrace/runtime';
import { ApiError } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';

export interface Wait {
  workflowId: string;
  /** The bare UUID. */
  executionId: string;
  timeoutMs: number;
  /** Whoever waits has gone. */
  signal: AbortSignal;
}

/** Undefined when it has not ended in time, or this process is stopping. Throws 502 when it ended any other way than well. */
export type ResultOf = (wait: Wait) => Promise<{ output: JsonValue } | undefined>;

export function createResultOf(context: Pick<GatewayContext, 'pool' | 'feed' | 'draining'>): ResultOf {
  const { pool, feed, draining } = context;

  /** True when it has ended. */
  async function ended({ workflowId, executionId, timeoutMs, signal }: Wait): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    let following: Promise<FollowedStream> | undefined;
    const left = AbortSignal.any([signal, draining.signal]);
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const leave = (): void => resolve(false);
        timer = setTimeout(leave, timeoutMs);
        left.addEventListener('abort', leave, { once: true });
        if (left.aborted) leave();
        const sink: FeedSink = {
          event: ({ isTerminal: isLast }) => {
            if (isLast) resolve(true);
          },
          transient: () => undefined,
          ready: () => undefined,
        };
        following = feed.follow({ workflowId, executionId }, sink);
        // What ended before the live events came is seen here.
        following
          .then(() => readHeads(pool, [executionId]))
          .then(([head]) => {
            if (head && isTerminal(head.status)) resolve(true);
          })
          .catch(reject);
      });
    } finally {
      clearTimeout(timer);
      // It may still be opening when the time is over.
      following?.then((stream) => stream.close()).catch(() => undefined);
    }
  }

  return async (wait) => {
    if (!(await ended(wait))) return undefined;
    const execution = await readExecution(pool, wait.executionId);
    const id = toExecutionId(wait.executionId);
    if (execution?.status !== 'completed') {
      const words =
        execution?.status === 'timed_out' ? 'has timed out' : `has ${execution?.status ?? 'gone'}`;
      throw new ApiError('execution_failed', `The execution ${id} ${words}; its owner can see why`);
    }
    const { output, output_ref: stored } = execution.result ?? {};
    if (stored === undefined) return { output: output ?? null };
    const reference = parseBlobReference(stored.reference);
    const read = reference && (await readJsonBlob(pool, reference.executionId, reference.id));
    return { output: read ?? null };
  };
}

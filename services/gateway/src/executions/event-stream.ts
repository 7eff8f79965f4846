import { isTerminal } from '@millrace/contracts';
import { readHeads } from '@millrace/persistence';
import type { FeedSink, FollowedStream } from '@millrace/runtime';
import { invalidRequest, type Principal } from '@millrace/service-kit';
import type { Request, Response } from 'express';
import { type ExecutionAccess, unknownExecution } from '../access.js';
import type { GatewayContext } from '../context.js';
import { createSseWriter, type SseWriter } from './sse-writer.js';

const HEARTBEAT_MS = 15_000;

export interface EventStreams {
  /** Follows an execution from a seq to its end; 204 when it has ended and there is nothing more. */
  open(
    caller: Principal,
    execution: ExecutionAccess,
    from: { after: number; lastEventId: string | undefined },
  ): Promise<{ status: 204 } | { stream: (response: Response) => Promise<void> }>;
}

/** JSON is the default; a stream is for those who ask for it. */
export function wantsEventStream(request: Request): boolean {
  return (
    request.method === 'GET' &&
    request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream'
  );
}

type Needs = Pick<GatewayContext, 'pool' | 'feed' | 'authenticator' | 'draining' | 'log'>;

/** Server-sent events out of the feed that serves every stream of this process: no gap, no repeat, in order. */
export function createEventStreams(context: Needs): EventStreams {
  const { pool, feed, draining, log } = context;

  return {
    async open(caller, execution, { after, lastEventId }) {
      const start = lastEventId === undefined ? after : parseLastEventId(lastEventId);
      const [head] = await readHeads(pool, [execution.uuid]);
      if (!head) throw unknownExecution(execution.uuid);
      if (isTerminal(head.status) && head.lastSeq <= start) return { status: 204 };
      return {
        async stream(response) {
          const writer = createSseWriter(response);
          const closed = new Promise<void>((resolve) => {
            response.once('close', resolve);
          });
          const stopWatching = watch(context, caller, writer);
          const leave = (): void => {
            writer.goodbye('this server is restarting');
          };
          draining.signal.addEventListener('abort', leave);
          if (draining.signal.aborted) leave();
          let followed: FollowedStream | undefined;
          try {
            const target = { workflowId: execution.workflowId, executionId: execution.uuid };
            const stream = await feed.follow(target, sinkOf(writer), { withhold: true });
            followed = stream;
            // A client that leaves in the middle of the past is not read to any more.
            const left = closed.then(() => stream.close());
            await stream.resume(execution.uuid, start);
            await left;
          } catch (error) {
            log.warn(
              { execution_id: execution.uuid, error },
              'an event stream ended: the log cannot be read',
            );
            writer.goodbye('the log cannot be read at the moment');
          } finally {
            draining.signal.removeEventListener('abort', leave);
            stopWatching();
            await followed?.close();
          }
        },
      };
    },
  };
}

function sinkOf(writer: SseWriter): FeedSink {
  return {
    event({ seq, frame, text, isTerminal: isLast }) {
      writer.event({ id: String(seq), event: frame.type, data: text });
      if (isLast) writer.end();
    },
    transient({ frame, text }) {
      writer.transient(frame.type, text);
    },
    ready: () => writer.room(),
  };
}

/** Keeps the connection alive, and ends it when the caller's credential or right to read is gone. */
function watch({ authenticator, log }: Needs, caller: Principal, writer: SseWriter): () => void {
  let beats = 0;
  const timer = setInterval(() => {
    writer.heartbeat();
    beats += 1;
    if (beats % 2 !== 0) return;
    authenticator.recheck(caller).then(
      (outcome) => {
        const mayRead =
          outcome.kind === 'authenticated' && outcome.principal.scopes.includes('workflow:read');
        if (!mayRead) writer.goodbye('the credential has ended');
      },
      // While the database is away nobody loses a right; the next beat asks again.
      (error: unknown) => {
        log.debug({ error }, 'a stream’s credential could not be checked');
      },
    );
  }, HEARTBEAT_MS);
  return () => {
    clearInterval(timer);
  };
}

function parseLastEventId(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidRequest([
    { loc: ['header', 'Last-Event-ID'], msg: 'must be the seq of an event', type: 'invalid_seq' },
  ]);
}

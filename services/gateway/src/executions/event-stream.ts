import { isTerminal } from '@millrace/contracts';
import { readEvents, readHeads, type StoredEvent } from '@millrace/persistence';
import { toFrame } from '@millrace/runtime';
import { invalidRequest, type Principal } from '@millrace/service-kit';
import type { Request, Response } from 'express';
import { type ExecutionAccess, unknownExecution } from '../access.js';
import type { GatewayContext } from '../context.js';
import { createBell } from './bell.js';
import { createSseWriter, type SseWriter } from './sse-writer.js';

/** Nothing may be lost although every message of the event bus may be: the log is looked at this often anyway. */
const LOOK_MS = 2_000;
const RECHECK_MS = 30_000;
/** What a client that reads nothing can hold in memory. */
const PAGE = 50;

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
  return request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
}

type Needs = Pick<GatewayContext, 'pool' | 'messaging' | 'authenticator' | 'draining' | 'log'>;

/**
 * Server-sent events. Every event is read from the log by its number, so there is neither gap nor repeat; the event
 * bus only says when to look.
 */
export function createEventStreams(context: Needs): EventStreams {
  const { pool, messaging, draining } = context;

  return {
    async open(caller, execution, { after, lastEventId }) {
      const start = lastEventId === undefined ? after : parseLastEventId(lastEventId);
      const [head] = await readHeads(pool, [execution.uuid]);
      if (!head) throw unknownExecution(execution.uuid);
      if (isTerminal(head.status) && head.lastSeq <= start) return { status: 204 };
      return {
        async stream(response) {
          const bell = createBell();
          const unsubscribe = await messaging.events.subscribeWorkflow(execution.workflowId, (message) => {
            if (message.kind === 'committed' && message.range.executionId === execution.uuid) bell.ring();
          });
          const offReconnect = messaging.events.onReconnect(bell.ring);
          const writer = createSseWriter(response);
          const wakeUp = (): void => {
            bell.ring();
          };
          draining.signal.addEventListener('abort', wakeUp);
          response.once('close', wakeUp);
          try {
            await follow(context, caller, execution, start, writer, bell.wait);
          } finally {
            draining.signal.removeEventListener('abort', wakeUp);
            offReconnect();
            await unsubscribe();
            writer.end();
          }
        },
      };
    },
  };
}

/** Returns when the execution ended, the client left, the caller lost their rights, or the process drains. */
async function follow(
  { pool, authenticator, draining }: Needs,
  caller: Principal,
  execution: ExecutionAccess,
  start: number,
  writer: SseWriter,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  let last = start;
  let checkedAt = performance.now();
  while (!writer.isClosed()) {
    if (draining.signal.aborted) {
      writer.goodbye('this server is restarting');
      return;
    }
    const events = await readEvents(pool, execution.uuid, last, PAGE);
    for (const event of events) {
      if (!(await sendEvent(writer, execution, event))) return;
      last = event.seq;
      if (isTerminal(event.type)) return;
    }
    if (performance.now() - checkedAt >= RECHECK_MS) {
      checkedAt = performance.now();
      if ((await authenticator.recheck(caller)).kind !== 'authenticated') {
        writer.goodbye('the credential has ended');
        return;
      }
    }
    if (events.length < PAGE) {
      writer.heartbeat();
      await wait(LOOK_MS);
    }
  }
}

function sendEvent(writer: SseWriter, { workflowId }: ExecutionAccess, event: StoredEvent): Promise<boolean> {
  const frame = toFrame({ ...event, workflowId });
  return writer.event({ id: String(event.seq), event: event.type, data: JSON.stringify(frame) });
}

function parseLastEventId(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidRequest([
    { loc: ['header', 'Last-Event-ID'], msg: 'must be the seq of an event', type: 'invalid_seq' },
  ]);
}

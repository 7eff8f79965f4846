import {
  CLOSE_CODES,
  isTerminal,
  type ServerFrame,
  type TerminalStatus,
  toExecutionId,
} from '@millrace/contracts';
import type { ExecutionHead } from '@millrace/persistence';
import type { FeedEvent, FeedSink, FeedTransient } from '@millrace/runtime';
import type { Principal } from '@millrace/service-kit';
import { WebSocket } from 'ws';
import type { Target } from '../access.js';
import type { CloseReason, StreamMetrics } from '../metrics.js';
import { Outbox, type OutboxLimits } from './outbox.js';

/** Frames of events go to many sockets: the bytes are made once. */
const encoded = new WeakMap<FeedEvent | FeedTransient, Buffer>();

function bytesOf(frame: FeedEvent | FeedTransient): Buffer {
  let bytes = encoded.get(frame);
  if (bytes === undefined) {
    bytes = Buffer.from(frame.text);
    encoded.set(frame, bytes);
  }
  return bytes;
}

/** A client has this long to answer the closing. */
const CLOSING_MS = 10_000;

/** Why a socket is closed: the code, the counter and the words (123 bytes at most). */
const ENDINGS = {
  end: { code: CLOSE_CODES.normal, words: 'The execution has ended' },
  slow: { code: CLOSE_CODES.tooSlow, words: 'Too slow: reconnect and resume from the last seq you have' },
  expired: {
    code: CLOSE_CODES.tokenExpired,
    words: 'The token has expired: reconnect with a new one and resume',
  },
  stopping: { code: CLOSE_CODES.goingAway, words: 'This node is stopping: reconnect and resume' },
  failed: { code: 1011, words: 'The log cannot be read at the moment: reconnect and resume' },
} as const satisfies Partial<Record<CloseReason, { code: number; words: string }>>;

/** One open socket: whose it is, what it follows, and everything that is ever sent through it. */
export class Connection implements FeedSink {
  readonly target: Target;
  /** Replaced when the client sends a new token. */
  principal: Principal;
  /** It has given a sign of life since the last ping. */
  isAlive = true;
  readonly #ws: WebSocket;
  readonly #outbox: Outbox;
  readonly #metrics: StreamMetrics;
  #isGreeted = false;
  #isCounted = false;

  constructor(
    ws: WebSocket,
    { principal, target }: { principal: Principal; target: Target },
    limits: OutboxLimits,
    metrics: StreamMetrics,
  ) {
    this.#ws = ws;
    this.principal = principal;
    this.target = target;
    this.#metrics = metrics;
    this.#outbox = new Outbox(ws, limits, metrics, () => this.end('slow'));
    ws.once('close', () => this.#count('client'));
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  onClose(listener: () => void): void {
    if (this.#ws.readyState === WebSocket.CLOSED) listener();
    else this.#ws.once('close', listener);
  }

  /** `connected` is the first frame whatever comes first; later calls do nothing. */
  greet(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    const { workflowId, executionId } = this.target;
    this.send({
      type: 'connected',
      workflow_id: workflowId,
      ...(executionId !== undefined && { execution_id: toExecutionId(executionId) }),
      timestamp: new Date().toISOString(),
      message:
        executionId === undefined
          ? `Connected to the executions of workflow ${workflowId}`
          : `Connected to execution ${toExecutionId(executionId)}`,
    });
  }

  send(frame: ServerFrame): void {
    this.#outbox.send(JSON.stringify(frame), 'control');
  }

  complain(detail: string): void {
    this.send({ type: 'error', detail });
  }

  event(event: FeedEvent, isLive: boolean): void {
    this.greet();
    this.#outbox.send(bytesOf(event), 'event');
    if (isLive) this.#metrics.delivered(event.frame.timestamp);
    if (this.target.executionId === event.executionId && isTerminal(event.frame.type)) {
      this.#endOf(event.executionId, event.frame.type, event.seq);
    }
  }

  transient(transient: FeedTransient): void {
    this.greet();
    this.#outbox.sendTransient(bytesOf(transient));
  }

  ready(): Promise<void> | undefined {
    return this.#outbox.ready();
  }

  pong(): void {
    // A client that pings without reading gets no more than it reads.
    const text = JSON.stringify({ type: 'pong', timestamp: new Date().toISOString() });
    this.#outbox.sendTransient(text);
  }

  /** Says that the followed execution has ended, where it has; a second time it does nothing. */
  endIfOver(head: ExecutionHead): void {
    if (this.target.executionId !== head.executionId || !isTerminal(head.status)) return;
    this.#endOf(head.executionId, head.status, head.lastSeq);
  }

  #endOf(executionId: string, status: TerminalStatus, lastSeq: number): void {
    if (!this.isOpen) return;
    const timestamp = new Date().toISOString();
    this.send({
      type: 'end',
      execution_id: toExecutionId(executionId),
      status,
      last_seq: lastSeq,
      timestamp,
    });
    this.end('end');
  }

  end(reason: keyof typeof ENDINGS): void {
    const { code, words } = ENDINGS[reason];
    this.#close(code, words, reason);
  }

  /** 4403, with the words of what was lost. */
  forbid(words: string): void {
    this.#close(CLOSE_CODES.forbidden, words, 'forbidden');
  }

  ping(): void {
    if (this.isOpen) this.#ws.ping();
  }

  /** Without a goodbye: nobody is there to hear it. */
  drop(reason: CloseReason): void {
    this.#count(reason);
    this.#ws.terminate();
  }

  #close(code: number, words: string, reason: CloseReason): void {
    if (!this.isOpen) return;
    this.#count(reason);
    this.#ws.close(code, words);
    // A client that does not read does not answer either, and what waits for it is memory.
    const late = setTimeout(() => this.#ws.terminate(), CLOSING_MS);
    late.unref();
    this.#ws.once('close', () => clearTimeout(late));
  }

  /** Once for each socket, with the first reason: when it is decided, not when the client has taken note. */
  #count(reason: CloseReason): void {
    if (this.#isCounted) return;
    this.#isCounted = true;
    this.#metrics.closed(reason);
  }
}

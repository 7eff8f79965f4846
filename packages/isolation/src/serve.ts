import { Worker } from 'node:worker_threads';
import type { Message, Order } from './pool.js';

/** What a handler has besides its request. */
export interface Exchange {
  /** What came with the request, in pieces; empty where nothing did. */
  readonly text: readonly string[];
  /** Tells whoever asked something while the work goes on. */
  note(value: unknown): void;
  /** Sends what goes with the answer: a large text travels in pieces, so that it stops nobody at its other end. */
  send(text: string): void;
  /** After this answer the process is replaced. */
  retire(): void;
}

/** UTF-16 units of one message. */
const PIECE = 128 * 1024;

/** The other end of a pool: answers each request with what `handle` makes of it. The whole of a child's script. */
export function serveIsolated<Answer>(
  handle: (request: never, exchange: Exchange) => Answer | Promise<Answer>,
): void {
  const say = (message: Message<Answer>): void => {
    process.send?.(message);
  };
  const note = (value: unknown): void => {
    say({ kind: 'note', note: value });
  };
  const send = (text: string): void => {
    for (let from = 0; from < text.length;) {
      const isPairCut = /^[\ud800-\udbff]$/.test(text.charAt(from + PIECE - 1));
      const to = from + PIECE - (isPairCut ? 1 : 0);
      say({ kind: 'text', piece: text.slice(from, to) });
      from = to;
    }
  };
  let isLast = false;
  const retire = (): void => {
    isLast = true;
  };
  let received: string[] = [];
  process.on('message', (order: Order<never>) => {
    if ('piece' in order) {
      received.push(order.piece);
      return;
    }
    const text = received;
    received = [];
    void (async () => {
      const answer = await handle(order.request, { text, note, send, retire });
      say({ kind: 'answer', answer, isLast, rss: process.memoryUsage.rss() });
    })();
  });
  // Whoever asked is gone: nothing more will come. Ctrl-C is the parent's to handle.
  process.on('disconnect', () => {
    process.exit(0);
  });
  process.on('SIGINT', () => undefined);
  say({ kind: 'ready' });
  endWithParent();
}

const WATCH = `
  const { workerData: parent } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, 1_000);
`;

/** Work that blocks for ever does not hear that whoever would have ended it is gone: a thread watches beside it. */
function endWithParent(): void {
  new Worker(WATCH, { eval: true, workerData: process.ppid, execArgv: [], env: {} }).unref();
}

import { Worker } from 'node:worker_threads';
import type { Message } from './pool.js';

/**
 * The other end of a pool: answers each request with what `handle` makes of it. The whole of a child's script.
 * `note` tells whoever asked something while the work goes on; after `retire` this process answers once more, and is
 * replaced then.
 */
export function serveIsolated<Answer>(
  handle: (request: never, note: (value: unknown) => void, retire: () => void) => Answer | Promise<Answer>,
): void {
  const say = (message: Message<Answer>): void => {
    process.send?.(message);
  };
  const note = (value: unknown): void => {
    say({ kind: 'note', note: value });
  };
  let isLast = false;
  const retire = (): void => {
    isLast = true;
  };
  process.on('message', ({ request }: { request: never }) => {
    void (async () => {
      const answer = await handle(request, note, retire);
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

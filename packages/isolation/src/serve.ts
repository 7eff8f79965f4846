import type { Message } from './pool.js';

/** The other end of a pool: answers each request with what `handle` makes of it. The whole of a child's script. */
export function serveIsolated<Answer>(handle: (request: never) => Answer | Promise<Answer>): void {
  process.on('message', ({ request }: { request: never }) => {
    void (async () => {
      const message: Message<Answer> = { kind: 'answer', answer: await handle(request) };
      process.send?.(message);
    })();
  });
  // Whoever asked is gone: nothing more will come. Ctrl-C is the parent's to handle.
  process.on('disconnect', () => {
    process.exit(0);
  });
  process.on('SIGINT', () => undefined);
  const ready: Message<Answer> = { kind: 'ready' };
  process.send?.(ready);
}

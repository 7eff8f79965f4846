import type { Response } from 'express';

const HEARTBEAT_MS = 15_000;
/** A client that takes nothing for this long is cut off; it resumes by `Last-Event-ID`. */
const STALLED_MS = 30_000;
const RETRY_MS = 1_000;

export interface SseWriter {
  /** False when the client is gone or stalled. Resolves when there is room for more: nothing piles up here. */
  event(event: { id: string; event: string; data: string }): Promise<boolean>;
  /** A comment, if nothing was written for 15 s, so that proxies keep the connection. */
  heartbeat(): void;
  /** Tells the client why the stream ends before the execution does, and when to come again. */
  goodbye(reason: string): void;
  isClosed(): boolean;
  end(): void;
}

export function createSseWriter(response: Response): SseWriter {
  let writtenAt = performance.now();
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Nginx holds answers back otherwise.
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);

  const isClosed = (): boolean => response.destroyed || response.writableEnded;

  function room(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (hasRoom: boolean) => (): void => {
        clearTimeout(timer);
        response.off('drain', onDrain).off('close', onClose);
        resolve(hasRoom);
      };
      const onDrain = settle(true);
      const onClose = settle(false);
      const timer = setTimeout(() => {
        response.destroy();
      }, STALLED_MS);
      response.once('drain', onDrain).once('close', onClose);
    });
  }

  return {
    isClosed,
    async event({ id, event, data }) {
      if (isClosed()) return false;
      writtenAt = performance.now();
      const hasRoom = response.write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
      return hasRoom || room();
    },
    heartbeat() {
      if (isClosed() || performance.now() - writtenAt < HEARTBEAT_MS) return;
      writtenAt = performance.now();
      response.write(': still here\n\n');
    },
    goodbye(reason) {
      if (!isClosed()) response.write(`retry: ${RETRY_MS}\n: ${reason}\n\n`);
    },
    end() {
      if (!isClosed()) response.end();
    },
  };
}

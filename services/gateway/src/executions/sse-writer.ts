import type { Response } from 'express';

const RETRY_MS = 1_000;
/** What a client that does not read may hold in memory; what is live and exceeds it ends the stream. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** From here on frames that are in no log are left out. */
const BUSY_BYTES = 64 * 1024;
/** A client that takes nothing for this long is cut off. */
const STALLED_MS = 30_000;

export interface SseWriter {
  /** False when the client is gone, or was cut off for being too slow. It resumes by `Last-Event-ID`. */
  event(event: { id: string; event: string; data: string }): boolean;
  /** Left out while the client is busy. Without an id: it is in no log. */
  transient(event: string, data: string): void;
  /** A comment that keeps proxies from closing the connection. */
  heartbeat(): void;
  /** Undefined when there is room, else resolves when there is, or when the stream is closed. */
  room(): Promise<void> | undefined;
  /** Tells the client why the stream ends before the execution does and when to come again, and ends it. */
  goodbye(reason: string): void;
  isClosed(): boolean;
  end(): void;
}

export function createSseWriter(response: Response): SseWriter {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Nginx holds answers back otherwise.
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);

  const isClosed = (): boolean => response.destroyed || response.writableEnded;

  function goodbye(reason: string): void {
    if (!isClosed()) response.end(`retry: ${RETRY_MS}\n: ${reason}\n\n`);
  }

  return {
    isClosed,
    goodbye,
    event({ id, event, data }) {
      if (isClosed()) return false;
      if (response.writableLength > MAX_BUFFERED_BYTES) {
        goodbye('too slow; resume from the last event received');
        return false;
      }
      response.write(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
      return true;
    },
    transient(event, data) {
      if (isClosed() || response.writableLength > BUSY_BYTES) return;
      response.write(`event: ${event}\ndata: ${data}\n\n`);
    },
    heartbeat() {
      if (!isClosed()) response.write(': still here\n\n');
    },
    room() {
      if (isClosed() || !response.writableNeedDrain) return undefined;
      return new Promise<void>((resolve) => {
        const settle = (): void => {
          clearTimeout(timer);
          response.off('drain', settle).off('close', settle);
          resolve();
        };
        const timer = setTimeout(() => {
          response.destroy();
        }, STALLED_MS);
        response.once('drain', settle).once('close', settle);
      });
    },
    end() {
      if (!isClosed()) response.end();
    },
  };
}

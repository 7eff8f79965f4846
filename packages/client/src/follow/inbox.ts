import type { ServerFrame } from '@millrace/contracts';
import type { Arrival, Closing } from './connection.js';

/** Frames between a socket that pushes and an iterator that pulls. */
export interface Inbox {
  /** False when the limit is reached: the frame was not taken. */
  push(frame: ServerFrame): boolean;
  /** The first call wins. Frames already here are still handed out before it. */
  end(closing: Closing): void;
  next(): Promise<Arrival>;
}

/**
 * Bounded, because a consumer may be slower than the server for hours: beyond `limit` the connection is better closed
 * and resumed from the log than kept in memory.
 */
export function createInbox(limit: number): Inbox {
  let frames: ServerFrame[] = [];
  let head = 0;
  let closing: Closing | undefined;
  let waiting: ((arrival: Arrival) => void) | undefined;

  const settle = (arrival: Arrival): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(arrival);
  };
  return {
    push(frame) {
      if (closing !== undefined) return true;
      if (waiting !== undefined) {
        settle({ frame });
        return true;
      }
      if (frames.length - head >= limit) return false;
      frames.push(frame);
      return true;
    },
    end(reason) {
      if (closing !== undefined) return;
      closing = reason;
      settle({ closed: reason });
    },
    next() {
      const frame = frames[head];
      if (frame !== undefined) {
        head += 1;
        if (head === frames.length) {
          frames = [];
          head = 0;
        }
        return Promise.resolve({ frame });
      }
      if (closing !== undefined) return Promise.resolve({ closed: closing });
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
  };
}

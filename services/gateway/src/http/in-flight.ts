import type { RequestHandler } from 'express';

export interface InFlight {
  /** Counts a request until its answer is out or its connection is gone. */
  readonly middleware: RequestHandler;
  /** Resolves when nothing is under way, or after the time. */
  settled(deadlineMs: number): Promise<void>;
}

/** Lets the stores stay open until the answers that need them are out, whoever owns the server. */
export function createInFlight(): InFlight {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    middleware: (_request, response, next) => {
      count += 1;
      response.once('close', () => {
        count -= 1;
        if (count === 0) for (const wake of waiting) wake();
      });
      next();
    },
    async settled(deadlineMs) {
      if (count === 0) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, deadlineMs);
        waiting.add(done);
      });
    },
  };
}

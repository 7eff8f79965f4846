import type { ExecutionHint, Log } from '@millrace/messaging';

/** Keeps what was logged at `warn` and above, and at `info`. */
export function createLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const keep = (_fields: object, message?: string): void => {
    lines.push(message ?? '');
  };
  return { lines, log: { debug: () => undefined, info: keep, warn: keep, error: keep } };
}

export interface FakeQueue {
  readonly hints: ExecutionHint[];
  depthAsked: number;
  waiting: number;
  isDown: boolean;
  dispatch(hints: readonly ExecutionHint[]): Promise<void>;
  depth(): Promise<{ waiting: number; active: number }>;
}

export function createFakeQueue(): FakeQueue {
  const fake: FakeQueue = {
    hints: [],
    depthAsked: 0,
    waiting: 0,
    isDown: false,
    dispatch(hints) {
      if (fake.isDown) return Promise.reject(new Error('the queue is down'));
      fake.hints.push(...hints);
      return Promise.resolve();
    },
    depth() {
      fake.depthAsked += 1;
      if (fake.isDown) return Promise.reject(new Error('the queue is down'));
      return Promise.resolve({ waiting: fake.waiting, active: 0 });
    },
  };
  return fake;
}

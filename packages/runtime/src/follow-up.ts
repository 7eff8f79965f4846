import { createBatcher } from './batcher.js';
import type { RuntimeContext } from './context.js';

/** Does a part of what follows the end of executions; a sweep does it again where it failed. */
export type FollowUp = (executionIds: readonly string[]) => Promise<unknown>;

export interface FollowUps {
  /** Called for everything that ends from now on, after those that were added before. */
  add(name: string, part: FollowUp): void;
  /** These have ended, committed, and others have to hear of it. Does not wait. */
  ended(executionIds: readonly string[]): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

const MAX_BATCH = 100;

/** What happens after the commit that ended an execution: it may be lost, so everything in it has a sweep behind it. */
export function createFollowUps({ log, crash }: Pick<RuntimeContext, 'log' | 'crash'>): FollowUps {
  const parts = new Map<string, FollowUp>();

  const batcher = createBatcher<string, undefined>({
    maxItems: MAX_BATCH,
    concurrency: 1,
    async flush(executionIds) {
      for (const [name, part] of parts) {
        await part(executionIds).catch((error: unknown) => {
          log.warn({ err: error, follow_up: name }, 'what follows the end of executions is left to a sweep');
        });
      }
      return executionIds.map(() => undefined);
    },
  });

  return {
    add: (name, part) => parts.set(name, part),
    ended(executionIds) {
      if (executionIds.length === 0) return;
      crash('end_committed_not_followed_up');
      for (const id of executionIds) void batcher.add(id);
    },
    idle: () => batcher.idle(),
  };
}

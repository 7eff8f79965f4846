import type { Work } from '../harness/workflows.js';

/** What the raw driver's parent tells a worker process. */
export interface Assignment {
  readonly work: Work;
  readonly executionIds: readonly string[];
}

export interface QueueSettings {
  readonly url: string;
  readonly prefix: string;
  readonly concurrency: number;
}

export function isQueueSettings(given: object): given is QueueSettings {
  return 'url' in given && 'prefix' in given && 'concurrency' in given;
}

export interface RawSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly channel: string;
  /** What effectful steps get. */
  readonly targetUrl: string;
  /** Executions at once. */
  readonly slots: number;
}

export function isRawSettings(given: object): given is RawSettings {
  return ['databaseUrl', 'redisUrl', 'channel', 'targetUrl', 'slots'].every((key) => key in given);
}

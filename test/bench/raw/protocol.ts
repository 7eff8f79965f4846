import type { Work } from '../harness/workflows.js';

/** What the raw driver's parent tells a worker process. */
export interface Assignment {
  readonly work: Work;
  readonly executionIds: readonly string[];
}

export interface RawSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly channel: string;
  /** What effectful steps get. */
  readonly targetUrl: string;
  /** Executions at once, as WORKER_CONCURRENCY. */
  readonly slots: number;
}

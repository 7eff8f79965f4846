/** Types of stores.js for TypeScript that imports it without checking JavaScript. Documented at each function. */

export interface PostgresServer {
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
  readonly exited: Promise<void>;
  stop(options?: { deadlineMs?: number }): Promise<void>;
}

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

type Say = (line: string) => void;

export function startPostgres(options: {
  dataFolder: string;
  log?: Say;
  settings?: Record<string, string>;
}): Promise<PostgresServer>;

export function startThrowawayPostgres(options?: {
  log?: Say;
  settings?: Record<string, string>;
}): Promise<PostgresServer>;

export function startRedis(options?: { log?: Say; port?: number }): Promise<RedisServer>;

/** A port of 127.0.0.1 that nobody serves at this moment. */
export function freePort(): Promise<number>;

export function isAlive(pid: number): boolean;

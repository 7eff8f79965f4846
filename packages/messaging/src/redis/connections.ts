import { Redis } from 'ioredis';
import { reconnectDelay, settledWithin } from '../deadline.js';
import type { Outage } from '../outage.js';

/** Shared by every connection: reconnect for ever, and leave a server that a failover turned into a replica. */
export function redisOptions(connectionName: string) {
  return {
    connectionName,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: reconnectDelay,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

/** A connection that several producers share. */
export interface CommandConnection {
  readonly redis: Redis;
  /** Resolves when it was connected once, or when the first second is over: from then on a dead store rejects at once. */
  settled(): Promise<void>;
  close(): void;
}

/** Commands on it reject while Redis is away instead of queueing up for its return. */
export function openCommandConnection(options: {
  url: string;
  connectionName: string;
  timeoutMs: number;
  outage: Outage;
}): CommandConnection {
  const redis = new Redis(options.url, {
    ...redisOptions(options.connectionName),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    socketTimeout: 10 * options.timeoutMs,
  });
  redis.on('error', (error) => {
    options.outage.failed(error);
  });
  redis.on('ready', () => {
    options.outage.recovered();
  });
  const firstReady = settledWithin(
    new Promise<void>((resolve) => redis.once('ready', resolve)),
    options.timeoutMs,
  );
  return {
    redis,
    async settled() {
      await firstReady;
    },
    close() {
      redis.disconnect();
    },
  };
}

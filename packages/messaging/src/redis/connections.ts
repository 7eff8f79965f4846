import { Redis } from 'ioredis';
import { reconnectDelay, settledWithin } from '../deadline.js';
import { HEARTBEAT_MS, startHeartbeat } from '../heartbeat.js';
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

/**
 * Has a connection that fell silent replaced. (The client's own `socketTimeout` would not do: its timer outlives the
 * connection it was set for and ends the next one.) Returns the function that ends the watch.
 */
export function watchRedis(redis: Redis): () => void {
  return startHeartbeat({
    intervalMs: HEARTBEAT_MS,
    probe: () => (redis.status === 'ready' ? redis.ping() : Promise.resolve()),
    drop: () => {
      redis.disconnect(true);
    },
  });
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
  });
  redis.on('error', (error) => {
    options.outage.failed(error);
  });
  redis.on('ready', () => {
    options.outage.recovered();
  });
  const stopWatching = watchRedis(redis);
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
      stopWatching();
      redis.disconnect();
    },
  };
}

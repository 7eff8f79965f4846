import { createMessaging, type Messaging } from '@millrace/messaging';
import type { Logger } from './logger.js';

/** What `databaseConfig` and `redisConfig` make of the environment. */
export interface MessagingSettings {
  database: { url: string };
  redis: { url?: string | undefined; prefix: string };
}

/** The queue and the events of a service: on Redis where there is one, else on Postgres. `name` is the service's. */
export function connectMessaging(
  name: string,
  { database, redis }: MessagingSettings,
  log: Logger,
): Messaging {
  return redis.url === undefined
    ? createMessaging({ kind: 'postgres', name, log, databaseUrl: database.url })
    : createMessaging({ kind: 'redis', name, log, url: redis.url, prefix: redis.prefix });
}

import pg from 'pg';
import type { Outage } from '../outage.js';

/** Connections that messaging opens at most in one process, for the total that is printed at start. */
export const POSTGRES_CONNECTIONS = {
  /** Dispatching and asking for the depth. */
  producer: 2,
  /** Taking and acknowledging hints: two, and BullMQ's own LISTEN. */
  consumer: 3,
  /** NOTIFY, incarnation and health. */
  publisher: 1,
  /** LISTEN for events; opened by the first subscription. */
  subscriber: 1,
} as const;

/** Shared by every connection: notices a dead peer within seconds and never waits on it for ever. */
export function clientConfig(databaseUrl: string, applicationName: string) {
  return {
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

/** One connection for small statements, in the order they were asked for. */
export function openPublisherPool(options: {
  databaseUrl: string;
  applicationName: string;
  outage: Outage;
}): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options.databaseUrl, options.applicationName),
    max: POSTGRES_CONNECTIONS.publisher,
  });
  pool.on('error', (error) => {
    options.outage.failed(error);
  });
  // A connection that is lost while a statement holds it reports twice: to the statement and here.
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      options.outage.failed(error);
    });
  });
  return pool;
}

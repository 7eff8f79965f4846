import pg from 'pg';
import { reconnectDelay, sleep } from '../deadline.js';
import { HEARTBEAT_MS, startHeartbeat } from '../heartbeat.js';
import type { Log } from '../log.js';
import { createOutage } from '../outage.js';
import { clientConfig } from '../postgres/connections.js';

/** One Postgres connection that LISTENs, and is made anew for as long as it is wanted. */
export interface ListenClient {
  /** Resolves when the channel is heard, or when the server is away and the channel waits for the reconnection. */
  listen(channel: string): Promise<void>;
  unlisten(channel: string): Promise<void>;
  close(): Promise<void>;
}

/** Channels must be plain identifiers; they are quoted, and LISTEN takes no parameters. */
const listenSql = (channel: string): string => `LISTEN "${channel}"`;

export function openListenClient(options: {
  databaseUrl: string;
  applicationName: string;
  log: Log;
  onNotification: (channel: string, payload: string) => void;
  onConnected: () => void;
}): ListenClient {
  const wanted = new Set<string>();
  const outage = createOutage(options.log, 'events subscriber');
  const closed = new AbortController();
  let current: pg.Client | undefined;
  let stopHeartbeat: (() => void) | undefined;
  let attempts = 0;

  async function connectOnce(): Promise<boolean> {
    const client = new pg.Client(clientConfig(options.databaseUrl, options.applicationName));
    client.on('error', (error) => {
      outage.failed(error);
    });
    client.on('notification', ({ channel, payload }) => {
      options.onNotification(channel, payload ?? '');
    });
    try {
      await client.connect();
      if (wanted.size > 0) await client.query([...wanted].map(listenSql).join(';'));
    } catch (error) {
      outage.failed(error);
      client.end().catch(() => undefined);
      return false;
    }
    if (closed.signal.aborted) {
      await client.end();
      return false;
    }
    client.once('end', () => {
      lost(client);
    });
    current = client;
    stopHeartbeat = startHeartbeat({
      intervalMs: HEARTBEAT_MS,
      probe: () => client.query('SELECT'),
      drop: () => {
        lost(client);
      },
    });
    attempts = 0;
    outage.recovered();
    options.onConnected();
    return true;
  }

  function lost(client: pg.Client): void {
    if (current !== client) return;
    current = undefined;
    stopHeartbeat?.();
    client.end().catch(() => undefined);
    void reconnect();
  }

  async function reconnect(): Promise<void> {
    while (!closed.signal.aborted) {
      attempts += 1;
      try {
        await sleep(reconnectDelay(attempts), undefined, { signal: closed.signal });
      } catch {
        return;
      }
      if (await connectOnce()) return;
    }
  }

  const firstAttempt = connectOnce().then((connected) => {
    if (!connected) void reconnect();
  });

  return {
    async listen(channel) {
      wanted.add(channel);
      await firstAttempt;
      // A failure means that the connection is going; the next one listens to all that is wanted.
      await current?.query(listenSql(channel)).catch(() => undefined);
    },

    async unlisten(channel) {
      wanted.delete(channel);
      await current?.query(`UN${listenSql(channel)}`).catch(() => undefined);
    },

    async close() {
      closed.abort();
      wanted.clear();
      stopHeartbeat?.();
      const client = current;
      current = undefined;
      await client?.end();
    },
  };
}

import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Log } from '../log.js';
import { type ListenClient, openListenClient } from './listen-client.js';
import type { Transport, TransportSink } from './transport.js';

/**
 * Events over NOTIFY. A payload must stay below 8,000 bytes, so ranges travel without their frames. Topics become
 * hashed channel names: an identifier has 63 bytes, and a workflow's id alone may have 64.
 */
export function createPostgresTransport(
  options: { databaseUrl: string; schema: string; applicationName: string; pool: pg.Pool; log: Log },
  sink: TransportSink,
): Transport {
  const topicOf = new Map<string, string>();
  const channelOf = (topic: string): string =>
    `millrace_${createHash('sha256').update(`${options.schema}\n${topic}`).digest('hex').slice(0, 40)}`;
  let client: ListenClient | undefined;

  function open(): ListenClient {
    return openListenClient({
      databaseUrl: options.databaseUrl,
      applicationName: options.applicationName,
      log: options.log,
      onNotification(channel, payload) {
        const topic = topicOf.get(channel);
        if (topic !== undefined) sink.message(topic, payload);
      },
      onConnected() {
        sink.reconnected();
      },
    });
  }

  return {
    maxPayloadBytes: 7_900,
    carriesFrames: false,

    async publish(envelopes) {
      await options.pool.query(
        'SELECT count(pg_notify(channel, payload)) FROM unnest($1::text[], $2::text[]) AS message (channel, payload)',
        [envelopes.map(({ topic }) => channelOf(topic)), envelopes.map(({ payload }) => payload)],
      );
    },

    async subscribe(topic) {
      const channel = channelOf(topic);
      topicOf.set(channel, topic);
      client ??= open();
      await client.listen(channel);
    },

    async unsubscribe(topic) {
      const channel = channelOf(topic);
      topicOf.delete(channel);
      await client?.unlisten(channel);
    },

    async ping() {
      await options.pool.query('SELECT');
    },

    async close() {
      topicOf.clear();
      await client?.close();
    },
  };
}

import { Redis } from 'ioredis';
import { errorText } from '../errors.js';
import type { Log } from '../log.js';
import { createOutage } from '../outage.js';
import { type CommandConnection, redisOptions, watchRedis } from '../redis/connections.js';
import type { Transport, TransportSink } from './transport.js';

/** Events over Redis pub/sub: channel `<prefix>:events:<topic>`; whole frames travel. */
export function createRedisTransport(
  options: { url: string; prefix: string; connectionName: string; commands: CommandConnection; log: Log },
  sink: TransportSink,
): Transport {
  const { commands, log } = options;
  const channelPrefix = `${options.prefix}:events:`;
  const channelOf = (topic: string): string => channelPrefix + topic;
  const wanted = new Set<string>();
  const outage = createOutage(log, 'events subscriber');
  let subscriber: { redis: Redis; firstAttempt: Promise<void>; stopHeartbeat: () => void } | undefined;

  function open() {
    const redis = new Redis(options.url, {
      ...redisOptions(options.connectionName),
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: null,
      autoResubscribe: false,
    });
    redis.on('error', (error) => {
      outage.failed(error);
    });
    redis.on('message', (channel: string, payload: string) => {
      sink.message(channel.slice(channelPrefix.length), payload);
    });
    redis.on('ready', () => {
      restore(redis).catch((error: unknown) => {
        // The connection broke again; its next 'ready' tries anew.
        log.debug({ error: errorText(error) }, 'subscriptions were not restored');
      });
    });
    const stopHeartbeat = watchRedis(redis);
    // The outcome of a failed first attempt is told by 'error'; the connection goes on trying.
    const firstAttempt = redis.connect().catch(() => undefined);
    return { redis, firstAttempt, stopHeartbeat };
  }

  async function restore(redis: Redis): Promise<void> {
    if (wanted.size > 0) await redis.subscribe(...[...wanted].map(channelOf));
    outage.recovered();
    sink.reconnected();
  }

  return {
    maxPayloadBytes: 256 * 1024,
    carriesFrames: true,

    async publish(envelopes) {
      await commands.settled();
      const pipeline = commands.redis.pipeline();
      for (const { topic, payload } of envelopes) pipeline.publish(channelOf(topic), payload);
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },

    async subscribe(topic) {
      wanted.add(topic);
      subscriber ??= open();
      const { redis, firstAttempt } = subscriber;
      await firstAttempt;
      if (redis.status !== 'ready') return;
      await redis.subscribe(channelOf(topic)).catch((error: unknown) => {
        log.debug({ topic, error: errorText(error) }, 'subscribing waits for the reconnection');
      });
    },

    async unsubscribe(topic) {
      wanted.delete(topic);
      if (subscriber?.redis.status !== 'ready') return;
      await subscriber.redis.unsubscribe(channelOf(topic)).catch(() => undefined);
    },

    async ping() {
      await commands.settled();
      await commands.redis.ping();
    },

    close() {
      subscriber?.stopHeartbeat();
      subscriber?.redis.disconnect();
      wanted.clear();
      return Promise.resolve();
    },
  };
}

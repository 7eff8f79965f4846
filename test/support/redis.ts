/** A part of a Redis for one test: its own key prefix, removed afterwards. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from '../../infra/local/stores.js';
import { afterAllTests } from './root-hooks.js';

export interface RedisScope {
  readonly url: string;
  /** Begin every key and channel with it; ends without a separator. */
  readonly prefix: string;
  /** Removes every key that begins with the prefix; nothing else is touched. */
  cleanup(): Promise<void>;
}

let onDemand: Promise<RedisServer> | undefined;

afterAllTests(async () => {
  await (await onDemand)?.stop();
});

/** `TEST_REDIS_URL`, or a throwaway server that this process starts once and stops after its last test. */
export async function testRedisUrl(): Promise<string> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) return given;
  onDemand ??= startRedis();
  return (await onDemand).url;
}

/** A fresh prefix on the test Redis, safe beside other test processes. */
export async function createRedisScope(): Promise<RedisScope> {
  const url = await testRedisUrl();
  const prefix = `millrace-test-${randomBytes(6).toString('hex')}`;
  return { url, prefix, cleanup: () => removeKeys(url, prefix) };
}

/**
 * As {@link createRedisScope}, for a hook or test that may be skipped where there is no Redis: `npm test` has said so
 * then, and counts it as a failure in CI.
 */
export async function redisScopeOrSkip(running: Mocha.Context): Promise<RedisScope> {
  if (process.env['TEST_REDIS_MISSING'] && !process.env['TEST_REDIS_URL']) running.skip();
  return createRedisScope();
}

/** A server of one's own, for tests that stop it, stall it or flush it. */
export function startOwnRedis(options?: { port?: number }): Promise<RedisServer> {
  return startRedis(options);
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true });
  await client.connect();
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 500 })) {
      if (Array.isArray(keys) && keys.length > 0) await client.unlink(keys.map(String));
    }
  } finally {
    client.disconnect();
  }
}

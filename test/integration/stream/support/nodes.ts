/** Stream nodes on a scratch platform, each its own server, and who may connect to them. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Scope } from '@millrace/contracts';
import { type Authenticator, createAuthenticator, signAccessToken } from '@millrace/service-kit';
import { createStream, type Stream, type StreamOptions, type StreamSettings } from '@millrace/stream';
import { type Engine, silentLog, startEngine } from '../../../support/engine.js';
import type { RedisScope } from '../../../support/redis.js';
import { type ClientOptions, connect, type StreamClient } from './client.js';

export interface StreamNode {
  readonly stream: Stream;
  /** `http://127.0.0.1:…` */
  readonly url: string;
  /** `id` of a workflow or `exec_…`; with the owner's token unless told otherwise. */
  connect(id: string, options?: ClientOptions): StreamClient;
  stop(): Promise<void>;
}

export interface StreamPlatform {
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly ownerToken: string;
  token(userId: string, lifetimeSeconds?: number): string;
  createUser(username: string, scopes?: Scope[]): Promise<{ id: string; token: string }>;
  startNode(options?: {
    settings?: Partial<StreamSettings>;
    env?: Record<string, string>;
    wrapEvents?: StreamOptions['wrapEvents'];
  }): Promise<StreamNode>;
  stop(): Promise<void>;
}

export async function startPlatform(redis?: RedisScope): Promise<StreamPlatform> {
  const engine = await startEngine(redis ? { redis: { url: redis.url, prefix: redis.prefix } } : {});
  const secret = randomBytes(32).toString('base64url');
  const nodes = new Set<StreamNode>();
  const token = (userId: string, lifetimeSeconds?: number): string =>
    signAccessToken(userId, secret, { lifetimeSeconds });
  await engine.pool.query("UPDATE users SET scopes = '{workflow:read,workflow:execute}'");
  const ownerToken = token(engine.owner.id);

  return {
    engine,
    token,
    ownerToken,
    authenticator: createAuthenticator({ database: engine.pool, jwtSecret: secret }),

    async createUser(username, scopes = ['workflow:read', 'workflow:execute']) {
      const { rows } = await engine.pool.query<{ id: string }>(
        'INSERT INTO users (username, password_hash, scopes) VALUES ($1, $2, $3) RETURNING id',
        [username, 'none', scopes],
      );
      const [row] = rows;
      if (row === undefined) throw new Error('no user was made');
      return { id: row.id, token: token(row.id) };
    },

    async startNode({ settings, env, wrapEvents } = {}) {
      const stream = createStream({
        env: {
          DATABASE_URL: engine.database.url,
          JWT_SECRET: secret,
          ...(redis && { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
          ...env,
        },
        log: silentLog,
        ...(settings && { settings }),
        ...(wrapEvents && { wrapEvents }),
      });
      const server = createServer().on('upgrade', stream.handleUpgrade);
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('the node has no port');
      await stream.start();
      const url = `http://127.0.0.1:${address.port}`;
      const clients: StreamClient[] = [];
      const node: StreamNode = {
        stream,
        url,
        connect(id, options) {
          const client = connect(url, id, { token: ownerToken, ...options });
          clients.push(client);
          return client;
        },
        async stop() {
          if (!nodes.delete(node)) return;
          for (const client of clients) client.terminate();
          await stream.stop();
          await new Promise((resolve) => server.close(resolve));
        },
      };
      nodes.add(node);
      return node;
    },

    async stop() {
      for (const node of nodes) await node.stop();
      await engine.stop();
    },
  };
}

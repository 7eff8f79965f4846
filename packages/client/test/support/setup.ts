import { createClient, type Client, type ClientOptions } from '../../src/index.js';
import { startServer, type ScriptedServer } from './server.js';

export interface Bundle {
  readonly server: ScriptedServer;
  client(options?: Partial<ClientOptions>): Client;
}

/** Pauses shrink to nothing so that no test waits; their lengths have unit tests of their own. */
export async function setup(): Promise<Bundle> {
  const server = await startServer();
  return {
    server,
    client: (options = {}) =>
      createClient({
        baseUrl: server.url,
        credentials: { token: 'secret-token' },
        retry: { minDelayMs: 1, maxDelayMs: 2 },
        stream: { minDelayMs: 1, maxDelayMs: 2 },
        timeoutMs: 5_000,
        ...options,
      }),
  };
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** What the promise rejects with; fails when it resolves. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

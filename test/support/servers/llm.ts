import * as z from 'zod';
import { type LlmReply, type RecordedRequest, recordedRequest } from './llm-protocol.js';
import { startServerProcess } from './process.js';

export { FAULTS, type LlmReply, type RecordedRequest } from './llm-protocol.js';

export interface LlmServer {
  /** For `LLM_BASE_URL`: it ends with `/v1`. */
  readonly baseUrl: string;
  /** Appends replies. Each serves the first request that fits it, in their order, once unless it says otherwise. */
  script(...replies: LlmReply[]): Promise<void>;
  /** What was asked so far. */
  requests(): Promise<RecordedRequest[]>;
  /** Forgets replies and requests. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** A model provider in a process of its own, on a free port of this machine. It ends with this process. */
export async function startLlmServer(): Promise<LlmServer> {
  const server = await startServerProcess('./llm-server.ts');
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${server.origin}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  }
  return {
    baseUrl: `${server.origin}/v1`,
    async script(...replies) {
      await call('POST', '/script', replies);
    },
    async requests() {
      return z.array(recordedRequest).parse(await call('GET', '/requests'));
    },
    async reset() {
      await call('DELETE', '/script');
    },
    stop: () => server.stop(),
  };
}

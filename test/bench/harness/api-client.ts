/** A client as users write them: keep-alive connections, JSON in, JSON out, every answer checked. */
import { Pool } from 'undici';

export interface ApiClient {
  /** `path` below `/api/v1`. The body of the answer, read and parsed; throws for any other status than 2xx. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown>;
  close(): Promise<void>;
}

export function createApiClient(
  origin: string,
  { connections, token }: { connections: number; token?: string },
): ApiClient {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  const posted = { ...headers, 'content-type': 'application/json' };
  return {
    async call(method, path, body) {
      const answer = await pool.request({
        method,
        path: `/api/v1${path}`,
        headers: body === undefined ? headers : posted,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) {
        throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
      }
      const parsed: unknown = JSON.parse(text);
      return parsed;
    },
    close: () => pool.close(),
  };
}

/** A text in an answer, by its key. */
export function textAt(answer: unknown, key: string): string {
  const found: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, key) : undefined;
  if (typeof found !== 'string') throw new Error(`no ${key} in ${JSON.stringify(answer).slice(0, 300)}`);
  return found;
}

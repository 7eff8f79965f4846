import type { TokenSource } from '../auth/token-source.js';
import { ApiProblem, NetworkError, problemOf } from '../errors.js';
import { asError, deadline, pause } from './deadline.js';
import { retryDelay, type RetryOptions } from './retry.js';
import { withQuery, type Query } from './url.js';

/** What every call accepts. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Per try, the body included. Infinity waits without end. */
  readonly timeoutMs?: number | undefined;
}

export interface RequestSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, escaped. */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sending it twice does no harm. By default true for GET alone. */
  readonly repeatable?: boolean;
  /** Statuses beside 2xx that are answers, not errors. */
  readonly alsoOk?: readonly number[];
}

export interface TransportOptions {
  readonly root: string;
  readonly fetch: typeof fetch;
  readonly tokens: TokenSource;
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
  readonly random: () => number;
  readonly onUnauthorized: ((problem: ApiProblem) => void) | undefined;
}

export interface Transport {
  readonly root: string;
  /**
   * Sends the request, renews a refused token once, repeats repeatable requests after passing failures and hands the
   * successful answer to `read`, within the deadline. Throws ApiProblem, NetworkError, or the signal's reason.
   * `tries` tells `read` how often it was sent.
   */
  send<T>(
    spec: RequestSpec,
    options: CallOptions,
    read: (response: Response, tries: number) => Promise<T>,
  ): Promise<T>;
  /** One try without repetition whose body is left to the caller to stream; `signal` also ends the body. */
  open(spec: RequestSpec, signal: AbortSignal): Promise<Response>;
}

export function createTransport(config: TransportOptions): Transport {
  const request = (spec: RequestSpec, token: string | undefined, signal: AbortSignal): Promise<Response> => {
    const headers: Record<string, string> = { accept: 'application/json', ...spec.headers };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (spec.body !== undefined) headers['content-type'] = 'application/json';
    const body = spec.body === undefined ? {} : { body: JSON.stringify(spec.body) };
    return config.fetch(withQuery(config.root + spec.path, spec.query), {
      method: spec.method,
      headers,
      signal,
      ...body,
    });
  };

  /** The 401 of a token that can be renewed means that nothing was done: any method may be sent again. */
  const authorized = async (spec: RequestSpec, signal: AbortSignal): Promise<Response> => {
    const token = await config.tokens.current(signal);
    const first = await request(spec, token, signal);
    if (first.status !== 401 || token === undefined) return first;
    const renewed = await config.tokens.renew(token, signal);
    if (renewed === undefined || renewed === token) return first;
    await first.body?.cancel();
    return request(spec, renewed, signal);
  };

  const checked = async (spec: RequestSpec, signal: AbortSignal): Promise<Response> => {
    const response = await authorized(spec, signal);
    if (response.ok || spec.alsoOk?.includes(response.status) === true) return response;
    const refusal = problemOf(response.status, response.headers, await response.text());
    if (refusal.status === 401) config.onUnauthorized?.(refusal);
    throw refusal;
  };

  const once = async <T>(
    spec: RequestSpec,
    options: CallOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<T> => {
    const timeoutMs = options.timeoutMs ?? config.timeoutMs;
    const limit = deadline(timeoutMs, options.signal);
    try {
      return await read(await checked(spec, limit.signal));
    } catch (error) {
      if (options.signal?.aborted === true) throw asError(options.signal.reason);
      throw networkErrorOf(error, config.root + spec.path, limit.expired() ? timeoutMs : undefined);
    } finally {
      limit.release();
    }
  };

  return {
    root: config.root,
    async send(spec, options, read) {
      const repeatable = spec.repeatable ?? spec.method === 'GET';
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(spec, options, (response) => read(response, tries));
        } catch (error) {
          const delayMs = repeatable ? retryDelay(error, tries, config.retry, config.random()) : undefined;
          if (delayMs === undefined || options.signal?.aborted === true) throw error;
          await pause(delayMs, options.signal);
        }
      }
    },
    async open(spec, signal) {
      try {
        return await checked(spec, signal);
      } catch (error) {
        if (signal.aborted) throw asError(signal.reason);
        throw networkErrorOf(error, config.root + spec.path, undefined);
      }
    },
  };
}

/** `fetch` rejects with a bare TypeError, its reason hidden in `cause`; our own errors pass unchanged. */
function networkErrorOf(error: unknown, url: string, expiredAfterMs: number | undefined): unknown {
  if (error instanceof ApiProblem) return error;
  const host = new URL(url).host;
  if (expiredAfterMs !== undefined) {
    return new NetworkError('timeout', url, `${host} did not answer within ${expiredAfterMs} ms`, error);
  }
  const fromFetch = error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');
  if (!fromFetch) return error;
  return new NetworkError('connection', url, `Cannot reach ${host}: ${reasonOf(error)}`, error);
}

function reasonOf(error: Error): string {
  const cause = error.cause;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

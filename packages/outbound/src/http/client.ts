import type { Agent, Dispatcher } from 'undici';
import { interpretBody, readBody, tooLarge } from './body.js';
import { createGuardedAgent, resolveWithSystem } from './connect.js';
import { fail, httpError, toHttpError } from './errors.js';
import { createGuard, type Guard } from './guard.js';
import { headersAfterRedirect, responseHeaders } from './headers.js';
import { becomesGet, prepareRequest, redirectTarget, type PreparedRequest } from './request.js';
import type { GuardedHttp, GuardedHttpOptions, HttpOutcome, HttpRequestSpec, HttpResponse } from './types.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const MAX_TIMEOUT_MS = 2_147_483_647;

interface Limits {
  readonly maxRedirects: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Lets the pooled connection be used again after a small body, and cuts it after a large one. */
async function discard(response: Dispatcher.ResponseData): Promise<void> {
  await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

async function receive(
  response: Dispatcher.ResponseData,
  request: PreparedRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  const headers = responseHeaders(response.headers);
  const header = (name: string): string => String(headers[name] ?? '');
  if (request.method !== 'HEAD' && Number(header('content-length')) > maxBytes) {
    response.body.on('error', () => undefined).destroy();
    throw tooLarge(maxBytes);
  }
  const empty = request.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
  const encoding = empty ? '' : header('content-encoding').trim().toLowerCase();
  const bytes = await readBody(response.body, encoding, maxBytes);
  return {
    status: response.statusCode,
    headers,
    body: empty ? null : interpretBody(bytes, header('content-type')),
    url: request.url.href,
  };
}

/** Follows redirects hop by hop, so that each target passes the guard like the first one. */
async function follow(
  agent: Agent,
  guard: Guard,
  first: PreparedRequest,
  limits: Limits,
): Promise<HttpResponse> {
  let request = first;
  for (let hops = 0; ; hops += 1) {
    guard.checkUrl(request.url);
    const response = await agent.request({
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: request.headers,
      body: request.body,
      signal: limits.signal,
    });
    const location = response.headers['location'];
    if (!REDIRECTS.has(response.statusCode) || typeof location !== 'string') {
      return await receive(response, request, limits.maxBytes);
    }
    await discard(response);
    if (hops >= limits.maxRedirects) {
      throw fail(
        'too_many_redirects',
        `More than ${String(limits.maxRedirects)} redirects, the last to ${location.slice(0, 200)}`,
      );
    }
    const url = redirectTarget(location, request.url);
    const dropsBody = becomesGet(response.statusCode, request.method);
    request = {
      url,
      method: dropsBody ? 'GET' : request.method,
      headers: headersAfterRedirect(request.headers, request.url, url, dropsBody),
      body: dropsBody ? null : request.body,
    };
  }
}

function positive(value: number, name: string): number {
  if (!Number.isFinite(value) || value <= 0)
    throw fail('invalid_request', `${name} must be a positive number`);
  return value;
}

/**
 * HTTP for workflow authors, whom the network behind this process does not trust. Throws a RangeError for an
 * allowlist entry it cannot read; after that every failure is a value.
 */
export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const guard = createGuard(options.allow ?? [], options.blockedPorts ?? []);
  const agent = createGuardedAgent(
    guard,
    options.resolve ?? resolveWithSystem,
    options.connectTimeoutMs ?? 10_000,
  );
  let closing: Promise<void> | undefined;

  async function request(spec: HttpRequestSpec): Promise<HttpOutcome> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let target = 'the target';
    try {
      const prepared = prepareRequest(spec, options.userAgent ?? 'millrace');
      target = prepared.url.origin;
      const timeoutMs = positive(spec.timeoutMs ?? options.timeoutMs ?? 30_000, 'timeoutMs');
      timer = setTimeout(
        () => {
          deadline.abort(fail('timeout', `No complete answer from ${target} within ${String(timeoutMs)} ms`));
        },
        Math.min(timeoutMs, MAX_TIMEOUT_MS),
      );
      const response = await follow(agent, guard, prepared, {
        maxRedirects: options.maxRedirects ?? 5,
        maxBytes: positive(spec.maxBytes ?? options.maxBytes ?? 10 * 1024 * 1024, 'maxBytes'),
        signal: spec.signal ? AbortSignal.any([deadline.signal, spec.signal]) : deadline.signal,
      });
      return { ok: true, response };
    } catch (error) {
      if (spec.signal?.aborted && !deadline.signal.aborted) {
        return { ok: false, error: httpError('aborted', `The request to ${target} was cancelled`) };
      }
      return {
        ok: false,
        error: toHttpError(deadline.signal.aborted ? deadline.signal.reason : error, target),
      };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    request,
    close() {
      closing ??= agent.destroy();
      return closing;
    },
  };
}

import type { Agent } from 'undici';
import { authenticate } from './authentication.js';
import { readBody, tooLarge } from './body.js';
import { createGuardedAgent, resolveWithSystem } from './connect.js';
import { fail, httpError, toHttpError } from './errors.js';
import { follow, type Arrival, type Route } from './follow.js';
import { createGuard } from './guard.js';
import { responseHeaders } from './headers.js';
import { interpretBody } from './interpret.js';
import { withoutCredentials } from './redact.js';
import { prepareRequest, type PreparedRequest } from './request.js';
import { createTokenSource, type TokenSource } from './tokens.js';
import type { GuardedHttp, GuardedHttpOptions, HttpOutcome, HttpRequestSpec, HttpResponse } from './types.js';

const MAX_TIMEOUT_MS = 2_147_483_647;

const DEFAULTS = { timeoutMs: 30_000, connectTimeoutMs: 10_000, maxBytes: 10 * 1024 * 1024, maxRedirects: 5 };

async function receive(
  { request, response }: Arrival,
  spec: HttpRequestSpec,
  maxBytes: number,
): Promise<HttpResponse> {
  const status = response.statusCode;
  const headers = responseHeaders(response.headers);
  const header = (name: string): string => String(headers[name] ?? '');
  const empty = request.method === 'HEAD' || status === 204 || status === 304;
  if (!empty && Number(header('content-length')) > maxBytes) {
    response.body.on('error', () => undefined).destroy();
    throw tooLarge(maxBytes);
  }
  const received = await readBody(response.body, empty ? '' : header('content-encoding'), maxBytes);
  const asked = spec.expects?.(status) === false ? 'auto' : (spec.responseType ?? 'auto');
  const body = empty ? null : await interpretBody(received, header('content-type'), asked);
  return { status, headers, body, url: request.url.href, bytes: received.bytes.length };
}

function positive(value: number, name: string): number {
  if (!Number.isFinite(value) || value <= 0)
    throw fail('invalid_request', `${name} must be a positive number`);
  return value;
}

/** Sends a request with its credentials, and a second time when a kept token turns out to have been withdrawn. */
async function exchange(
  route: Route,
  prepared: PreparedRequest,
  spec: HttpRequestSpec,
  tokens: TokenSource,
  maxBytes: number,
): Promise<HttpResponse> {
  for (let tries = 1; ; tries += 1) {
    const { request, derived, refused } = await authenticate(
      prepared,
      spec.authentication,
      tokens,
      route.signal,
    );
    const response = await receive(await follow(route, request), spec, maxBytes);
    const byTheTarget = new URL(response.url).origin === request.url.origin;
    if (response.status === 401 && byTheTarget && tries === 1 && refused()) continue;
    return withoutCredentials(response, derived);
  }
}

/**
 * HTTP for workflow authors, whom the network behind this process does not trust. Throws a RangeError for an
 * allowlist entry it cannot read; after that every failure is a value.
 */
export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const guard = createGuard(options.allow ?? [], options.blockedPorts ?? []);
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs;
  const agent: Agent = createGuardedAgent(guard, options.resolve ?? resolveWithSystem, connectTimeoutMs);
  const tokens = createTokenSource(request, options.clock ?? Date.now);
  let closing: Promise<void> | undefined;

  async function request(spec: HttpRequestSpec): Promise<HttpOutcome> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let target = 'the target';
    try {
      const prepared = await prepareRequest(spec, options.userAgent ?? 'millrace');
      target = prepared.url.origin;
      const maxBytes = positive(spec.maxBytes ?? options.maxBytes ?? DEFAULTS.maxBytes, 'maxBytes');
      const timeoutMs = positive(spec.timeoutMs ?? options.timeoutMs ?? DEFAULTS.timeoutMs, 'timeoutMs');
      timer = setTimeout(
        () => {
          deadline.abort(fail('timeout', `No complete answer from ${target} within ${String(timeoutMs)} ms`));
        },
        Math.min(timeoutMs, MAX_TIMEOUT_MS),
      );
      const route: Route = {
        agent,
        guard,
        follow: spec.redirects?.follow ?? true,
        maxRedirects: spec.redirects?.max ?? options.maxRedirects ?? DEFAULTS.maxRedirects,
        signal: spec.signal ? AbortSignal.any([deadline.signal, spec.signal]) : deadline.signal,
      };
      // Refused before a token is fetched for it.
      guard.checkUrl(prepared.url);
      return { ok: true, response: await exchange(route, prepared, spec, tokens, maxBytes) };
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

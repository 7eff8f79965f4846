import type { Agent, Dispatcher } from 'undici';
import { fail, untilAborted } from './errors.js';
import type { Guard } from './guard.js';
import { headersAfterRedirect } from './headers.js';
import { becomesGet, redirectTarget, type PreparedRequest } from './request.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Interim answers (103 Early Hints, 102 Processing) before the real one; more are a flood. */
const MAX_INTERIM = 32;

export interface Route {
  readonly agent: Agent;
  readonly guard: Guard;
  readonly follow: boolean;
  readonly maxRedirects: number;
  readonly signal: AbortSignal;
}

/** The last hop with its answer, whose body has not been read. */
export interface Arrival {
  readonly request: PreparedRequest;
  readonly response: Dispatcher.ResponseData;
}

/** Lets the pooled connection be used again after a small body, and cuts it after a large one. */
async function discard(response: Dispatcher.ResponseData): Promise<void> {
  await response.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

async function send(
  { agent, guard, signal }: Route,
  request: PreparedRequest,
): Promise<Dispatcher.ResponseData> {
  guard.checkUrl(request.url);
  const flood = new AbortController();
  let interim = 0;
  return await untilAborted(
    agent.request({
      origin: request.url.origin,
      path: request.url.pathname + request.url.search,
      method: request.method,
      headers: request.headers,
      body: request.body,
      signal: AbortSignal.any([signal, flood.signal]),
      onInfo() {
        interim += 1;
        if (interim > MAX_INTERIM) {
          flood.abort(fail('invalid_response', `More than ${String(MAX_INTERIM)} interim answers`));
        }
      },
    }),
    signal,
  );
}

/** Follows redirects hop by hop, so that each target passes the guard like the first one. */
export async function follow(route: Route, first: PreparedRequest): Promise<Arrival> {
  let request = first;
  for (let hops = 0; ; hops += 1) {
    const response = await send(route, request);
    const location = response.headers['location'];
    if (!route.follow || !REDIRECTS.has(response.statusCode) || typeof location !== 'string') {
      return { request, response };
    }
    await discard(response);
    const next = nextRequest(request, response.statusCode, location);
    if (hops >= route.maxRedirects) {
      const words = `More than ${String(route.maxRedirects)} redirects, the last to ${next.url.origin}`;
      throw fail('too_many_redirects', words);
    }
    request = next;
  }
}

function nextRequest(request: PreparedRequest, status: number, location: string): PreparedRequest {
  const url = redirectTarget(location, request.url);
  const dropsBody = becomesGet(status, request.method);
  const sameOrigin = url.origin === request.url.origin;
  return {
    ...request,
    url,
    method: dropsBody ? 'GET' : request.method,
    headers: headersAfterRedirect(request.headers, request.secretHeaders, sameOrigin, dropsBody),
    body: dropsBody ? null : request.body,
  };
}

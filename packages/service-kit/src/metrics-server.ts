import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Health } from './health.js';
import { createLifecycle, type Lifecycle } from './lifecycle.js';
import { type HttpHandler, metricsHandler } from './metrics.js';

export interface HealthHandlers {
  /** 200 as long as the process answers at all: for restarting what hangs. */
  live: HttpHandler;
  /** 200 or 503 with the report: for taking a process out of the load balancer. */
  ready: HttpHandler;
}

/** Handlers for node:http and express. `ready` also serves GET /health, which has the same body and status. */
export function healthHandlers(health: Health): HealthHandlers {
  return {
    live: (_request, response) => {
      sendJson(response, 200, { status: 'ok' });
      return Promise.resolve();
    },
    ready: async (_request, response) => {
      const report = await health.report();
      sendJson(response, report.status === 'down' ? 503 : 200, report);
    },
  };
}

export interface MetricsServerOptions {
  /** 0 takes any free one; see `port()`. */
  port: number;
  host: string;
  registry: Registry;
  health: Health;
}

export interface MetricsServer extends Lifecycle {
  /** The port it listens on, undefined before `start`. */
  port(): number | undefined;
}

/** `/metrics`, `/health`, `/health/live` and `/health/ready` for processes without an API of their own. */
export function createMetricsServer({ port, host, registry, health }: MetricsServerOptions): MetricsServer {
  const { live, ready } = healthHandlers(health);
  const routes = new Map<string, HttpHandler>([
    ['/metrics', metricsHandler(registry)],
    ['/health', ready],
    ['/health/live', live],
    ['/health/ready', ready],
  ]);
  const server = createServer((request, response) => void route(routes, request, response));
  return {
    ...createLifecycle({ start: () => listen(server, port, host), stop: () => close(server) }),
    port() {
      const address = server.address();
      return typeof address === 'object' ? address?.port : undefined;
    },
  };
}

async function route(
  routes: ReadonlyMap<string, HttpHandler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const handler = routes.get((request.url ?? '').replace(/\?.*$/, '').replace(/(.)\/$/, '$1'));
  if (handler === undefined) {
    sendJson(response, 404, { detail: `Here are ${[...routes.keys()].join(', ')}` });
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendJson(response.setHeader('allow', 'GET, HEAD'), 405, { detail: 'Only GET is answered here' });
  } else {
    await handler(request, response);
  }
}

/** Resolves when it listens; rejects with the error of `listen`, such as EADDRINUSE. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Stops accepting, cuts connections that are merely kept alive and lets requests under way finish for `graceMs`; then
 * these are cut off too, also those of clients that never sent a request. Tolerates a server that does not listen.
 */
export async function close(server: Server, graceMs = 2_000): Promise<void> {
  if (!server.listening) return;
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
  clearTimeout(late);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createLifecycle,
  close,
  healthHandlers,
  type HttpHandler,
  type Lifecycle,
  listen,
  metricsHandler,
} from '@millrace/service-kit';
import type { Stream } from './stream.js';
import { parseTarget, unknownAddress } from './upgrade/address.js';
import { problemFor, requestIdOf, upgradeRequired } from './upgrade/refusal.js';

export interface StreamServer extends Lifecycle {
  readonly server: Server;
}

/** A node of its own: the upgrades, and `/health` and `/metrics` beside them. */
export function createStreamServer({
  host,
  port,
  stream,
}: {
  host: string;
  port: number;
  stream: Stream;
}): StreamServer {
  const { live, ready } = healthHandlers(stream.health);
  const routes = new Map<string, HttpHandler>([
    ['/metrics', metricsHandler(stream.metrics.registry)],
    ['/health', ready],
    ['/health/live', live],
    ['/health/ready', ready],
  ]);
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 66_000, requestTimeout: 120_000, maxHeaderSize: 16 * 1_024 },
    (request, response) => {
      const path = (request.url ?? '').replace(/\?.*$/, '').replace(/(.)\/$/, '$1');
      const handler = routes.get(path.replace(/^\/api\/v1(?=\/health)/, ''));
      if (handler === undefined) explain(request, response);
      else void handler(request, response);
    },
  );
  server.on('upgrade', stream.handleUpgrade);
  return {
    server,
    ...createLifecycle({ start: () => listen(server, port, host), stop: () => close(server) }),
  };
}

/** Whoever comes without an upgrade is told what is here. */
function explain(request: IncomingMessage, response: ServerResponse): void {
  const requestId = requestIdOf(request);
  const { status, body, headers } =
    parseTarget(request.url ?? '') === undefined
      ? problemFor(unknownAddress(), requestId)
      : upgradeRequired(requestId, 'Here is a WebSocket: upgrade to websocket');
  response.writeHead(status, { ...headers }).end(JSON.stringify(body));
}

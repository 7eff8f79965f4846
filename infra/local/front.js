/**
 * Gateway and stream on ONE address, for the embedded way: no service may import another, so their composition is here.
 * Started by the launcher with the environment of a service; ends on SIGTERM after draining.
 */
import { load } from './load.js';

/**
 * What this process needs of the services, besides `Lifecycle` (`start`, `stop`) of service-kit.
 * @typedef {{start: () => Promise<void>, stop: () => Promise<void>}} Lifecycle
 * @typedef {Lifecycle & {app: import('node:http').RequestListener, drain: () => void, metrics: {registry: unknown}, health: unknown}} Gateway
 * @typedef {Lifecycle & {server: import('node:http').Server}} HttpServer
 * @typedef {Lifecycle & {handleUpgrade: (request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => void}} Stream
 */

const { createMetricsServer, httpConfig, loadConfig, runService, serviceConfig } =
  await load('@millrace/service-kit');
/** @type {{createGateway: (options: {log: object}) => Gateway, createHttpServer: (options: object) => HttpServer}} */
const { createGateway, createHttpServer } = await load('@millrace/gateway');
/** @type {{createStream: (options: {log: object, metrics: object}) => Stream}} */
const { createStream } = await load('@millrace/stream');

await runService({ name: 'gateway', start });

/** @param {{log: object, drainSeconds: number}} context */
async function start({ log, drainSeconds }) {
  const { http, service } = loadConfig({ http: httpConfig, service: serviceConfig });
  const gateway = createGateway({ log });
  const stream = createStream({ log, metrics: gateway.metrics });
  const web = createHttpServer({
    host: http.host,
    port: http.port,
    listener: gateway.app,
    onDrain: gateway.drain,
    // A part of the deadline is kept for the sockets before and the stores after.
    drainMs: Math.max(0, drainSeconds * 1_000 - 4_000),
  });
  web.server.on('upgrade', stream.handleUpgrade);
  const parts = [gateway, stream, web, ...metricsServer(gateway, service)];
  for (const part of parts) await part.start();

  return {
    /** Open sockets keep an HTTP server from closing: the stream goes first, what the gateway needs goes last. */
    async stop() {
      gateway.drain();
      await stream.stop();
      for (const part of parts.toReversed()) await part.stop();
    },
  };
}

/**
 * @param {Gateway} gateway
 * @param {{metricsPort: number | undefined, host: string}} service
 * @returns {Lifecycle[]}
 */
function metricsServer({ metrics, health }, { metricsPort, host }) {
  if (metricsPort === undefined) return [];
  return [createMetricsServer({ host, port: metricsPort, registry: metrics.registry, health })];
}

import { createServer, type RequestListener, type Server } from 'node:http';
import { createLifecycle, type Lifecycle, listen } from '@millrace/service-kit';
import { answerClientErrors } from './http/client-errors.js';

const IDLE_LOOK_MS = 50;

export interface HttpServer extends Lifecycle {
  readonly server: Server;
}

export interface HttpServerOptions {
  host: string;
  port: number;
  listener: RequestListener;
  /** Told before the server stops accepting, so that long answers end. */
  onDrain: () => void;
  /** Answers still under way after this are cut off. */
  drainMs: number;
}

/**
 * The listener with limits against clients that are slow on purpose. The keep-alive is longer than what proxies use
 * (60 s), for otherwise they meet connections that are just being closed.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 66_000, requestTimeout: 120_000, maxHeaderSize: 16 * 1_024 },
    options.listener,
  );
  answerClientErrors(server);
  const lifecycle = createLifecycle({
    start: () => listen(server, options.port, options.host),
    async stop() {
      options.onDrain();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      // Connections whose last answer goes out only now are kept alive by their clients, and would be waited for.
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, IDLE_LOOK_MS);
      const late = setTimeout(() => {
        server.closeAllConnections();
      }, options.drainMs);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
    },
  });
  return { server, ...lifecycle };
}

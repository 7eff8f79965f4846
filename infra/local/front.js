/**
 * Gateway and stream on ONE address, for the embedded way: no service may import another, so their composition is here.
 * Started by the launcher with the environment of a service; ends on SIGTERM after draining.
 */
import { createServer } from 'node:http';
import { reason } from './console.js';

/**
 * What this process needs of the two services.
 * @typedef {object} Gateway
 * @property {import('node:http').RequestListener} app the express application
 * @property {() => Promise<void>} start opens its database and queue
 * @property {() => Promise<void>} stop ends long answers (SSE) and closes what it opened
 *
 * @typedef {object} Stream
 * @property {(request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => void} handleUpgrade authorizes and takes over a WebSocket, or refuses it
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop closes its sockets with a hint to come again
 */

/** Answers may finish for this long after the stop was asked. */
const drainMs = 10_000;

const host = process.env['HOST'] ?? '127.0.0.1';
const port = Number(process.env['PORT'] ?? 8080);

try {
  await serve();
} catch (error) {
  process.stderr.write(`The gateway cannot serve ${host}:${port}: ${reason(error)}\n`);
  process.exit(1);
}

async function serve() {
  /** @type {{createGateway: (options: {env: NodeJS.ProcessEnv}) => Gateway | Promise<Gateway>}} */
  const { createGateway } = await load('@millrace/gateway');
  /** @type {{createStream: (options: {env: NodeJS.ProcessEnv}) => Stream | Promise<Stream>}} */
  const { createStream } = await load('@millrace/stream');
  const gateway = await createGateway({ env: process.env });
  const stream = await createStream({ env: process.env });
  const server = createServer();
  server.on('request', gateway.app);
  server.on('upgrade', stream.handleUpgrade);
  await Promise.all([gateway.start(), stream.start()]);
  await listen(server);

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    const closed = new Promise((resolve) => server.close(resolve));
    const late = setTimeout(() => server.closeAllConnections(), drainMs);
    await stream.stop();
    server.closeIdleConnections();
    await Promise.all([closed, gateway.stop()]);
    clearTimeout(late);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      stop().catch((error) => {
        process.stderr.write(`The gateway did not stop cleanly: ${reason(error)}\n`);
        process.exit(1);
      });
    });
  }
}

/** @param {import('node:http').Server} server */
function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
}

/**
 * A name that the compiler does not follow: the services are built when this runs, not when it is checked.
 * @param {string} name
 */
const load = (name) => import(name);

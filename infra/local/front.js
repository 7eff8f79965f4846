/**
 * Gateway and stream on ONE address, for the embedded way: no service may import another, so their composition is here.
 * Started by the launcher with the environment of a service; ends on SIGTERM after draining.
 */
import { createServer } from 'node:http';
import { load } from './load.js';

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

const { httpConfig, loadConfig, runService } = await load('@millrace/service-kit');
/** @type {{createGateway: (options: {log: object}) => Gateway | Promise<Gateway>}} */
const { createGateway } = await load('@millrace/gateway');
/** @type {{createStream: (options: {log: object}) => Stream | Promise<Stream>}} */
const { createStream } = await load('@millrace/stream');

await runService({ name: 'gateway', start });

/** @param {{log: object, drainSeconds: number}} context */
async function start({ log, drainSeconds }) {
  const { host, port } = loadConfig({ http: httpConfig }).http;
  const gateway = await createGateway({ log });
  const stream = await createStream({ log });
  const server = createServer();
  server.on('request', gateway.app);
  server.on('upgrade', stream.handleUpgrade);
  await Promise.all([gateway.start(), stream.start()]);
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  return { stop };

  /** Answers under way may finish in most of the time there is; what is still open then is cut. */
  async function stop() {
    const closed = new Promise((resolve) => server.close(resolve));
    const late = setTimeout(() => server.closeAllConnections(), drainSeconds * 800);
    await stream.stop();
    await gateway.stop();
    server.closeIdleConnections();
    await closed;
    clearTimeout(late);
  }
}

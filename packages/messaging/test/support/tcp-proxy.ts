import { once } from 'node:events';
import net from 'node:net';

/** Stands between a client and a real store, so that a test can take the store away without stopping it. */
export interface TcpProxy {
  /** The given store's address through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones: the store is down. */
  cut(): Promise<void>;
  /** Takes bytes and passes none on: the store hangs. */
  freeze(): void;
  /** Connections that the client ended by itself while frozen. */
  connectionsGivenUp(): number;
  /** Back to normal, after `cut` or `freeze`. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(storeUrl: string, defaultPort: number): Promise<TcpProxy> {
  const target = new URL(storeUrl);
  const sockets = new Set<net.Socket>();
  let frozen = false;
  let givenUp = 0;

  const server = net.createServer((downstream) => {
    const upstream = net.connect(Number(target.port || defaultPort), target.hostname);
    for (const [from, to] of [
      [downstream, upstream],
      [upstream, downstream],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!frozen) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    downstream.on('close', () => {
      if (frozen) givenUp += 1;
    });
  });

  async function listen(port: number): Promise<number> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
    return address.port;
  }

  async function cut(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  const port = await listen(0);
  const url = new URL(storeUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    cut,
    freeze() {
      frozen = true;
    },
    connectionsGivenUp: () => givenUp,
    async restore() {
      if (frozen) {
        // What was swallowed is gone: those connections cannot make sense of what follows.
        for (const socket of sockets) socket.destroy();
        frozen = false;
      }
      if (!server.listening) await listen(port);
    },
    close: cut,
  };
}

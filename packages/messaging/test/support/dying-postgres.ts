import { once } from 'node:events';
import net from 'node:net';

/**
 * A server that is stopped the moment it admits a client: "ready for query" and the fatal error reach the client in one
 * packet, so that the error is reported before anyone who awaited the connection can listen for it. With `closing` it is
 * stopped when the client says goodbye instead.
 */
export async function startDyingPostgres(
  when: 'admitting' | 'closing' = 'admitting',
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const admitted = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
      if (when === 'admitting') {
        socket.end(Buffer.concat([admitted, FATAL]));
        return;
      }
      socket.write(admitted);
      socket.once('data', () => socket.end(FATAL));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    url: `postgres://someone:secret@127.0.0.1:${String(address.port)}/any`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const FATAL = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0', 'latin1'),
);

/** What effectful steps call: the smallest HTTP server, in a process of its own. Run as a script by `startTarget`. */
import { createServer } from 'node:http';

let answered = 0;
const body = JSON.stringify({ ok: true, note: 'a small answer, as of any JSON API' });
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === '/count') {
    response.end(String(answered));
    return;
  }
  answered += 1;
  response.writeHead(200, head).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? (address?.port ?? 0) : 0);
});
process.once('disconnect', () => process.exit(0));

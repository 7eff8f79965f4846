/** A server whose every answer is an attack on whoever reads it. Run as a script by `startHostileTarget`. */
import { createServer, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { listenLocally } from './listen.js';
import { announce } from './process.js';

const MEGABYTES = 5;
const SIZE = MEGABYTES * 1_000_000 - 10;
const row = (index: number): string =>
  JSON.stringify({
    id: index,
    name: `customer ${index}`,
    tags: ['a', 'b'],
    place: { x: 1.5, y: null },
    note: 'n'.repeat(60),
  });

/** Made when first asked for. */
const BODIES: Readonly<Record<string, () => string>> = {
  // The most values that fit: each costs its reader more than its three characters.
  '/arrays': () => `[${'[],'.repeat(SIZE / 3 - 1)}[]]`,
  '/keys': () => `{${Array.from({ length: 300_000 }, (_, index) => `"k${index}":1`).join(',')}}`,
  '/escapes': () => `"${'\\u0001'.repeat(SIZE / 6)}"`,
  '/deep': () => '['.repeat(SIZE / 2) + ']'.repeat(SIZE / 2),
  '/rows': () =>
    `[${Array.from({ length: Math.floor(SIZE / (row(99_999).length + 1)) }, (_, index) => row(index)).join(',')}]`,
};
const made = new Map<string, string>();

function bodyOf(path: string): string | undefined {
  const make = BODIES[path];
  if (make === undefined) return undefined;
  const body = made.get(path) ?? make();
  made.set(path, body);
  return body;
}

let bomb: Buffer | undefined;

/** A byte now and then, for ever: it never ends and never falls silent. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => {
    clearInterval(timer);
  });
}

const server = createServer((request, response) => {
  const { url = '' } = request;
  const json = { 'content-type': 'application/json' };
  if (url === '/drip') {
    response.writeHead(200, json);
    drip(response);
    return;
  }
  if (url === '/gzip-bomb') {
    bomb ??= gzipSync(Buffer.alloc(200_000_000));
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb);
    return;
  }
  const body = bodyOf(url);
  response.writeHead(body === undefined ? 404 : 200, json).end(body);
});
announce(await listenLocally(server));

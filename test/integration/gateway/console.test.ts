import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';

const PAGE = `<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><div id="root"></div>`;
const SCRIPT = `console.log('${'the console '.repeat(100)}')`;
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the console', () => {
  let folder: string;
  let gateway: GatewayUnderTest;

  /** As a build leaves it, beside something that nobody should get. */
  before(async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'millrace-console-'));
    folder = path.join(outside, 'dist');
    await mkdir(path.join(folder, 'assets'), { recursive: true });
    const files: Record<string, string | Buffer> = {
      '../secret.txt': 'secret',
      '.env': 'secret',
      'index.html': PAGE,
      'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'assets/index-B1x.js': SCRIPT,
      'assets/index-B1x.js.br': brotliCompressSync(SCRIPT),
      'assets/index-B1x.js.gz': gzipSync(SCRIPT),
      'assets/font-C2y.woff2': 'font',
    };
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
    gateway = await startGateway({ env: { CONSOLE_FOLDER: folder } });
  });
  after(async () => {
    await gateway.stop();
    await rm(path.dirname(folder), { recursive: true });
  });

  const get = (address: string, headers: Record<string, string> = {}, method = 'GET') =>
    gateway.request(method, `/${address}`, { headers });

  it('is the page of the root and of every address that a browser opens', async () => {
    for (const address of [
      '/',
      '/workflows',
      '/workflows/wf_1/edit?tab=2',
      '/users/a.b%20c',
      '/documents',
      '/apis',
    ]) {
      const { status, headers, text } = await get(address, HTML);
      expect(status, address).to.equal(200);
      expect(headers.get('content-type'), address).to.equal('text/html; charset=utf-8');
      expect(text, address).to.include('id="root"');
    }
    expect((await get('/')).text).to.include('id="root"');
    expect((await get('/index.html', HTML)).text).not.to.include('__CSP_NONCE__');
  });

  it('has a strict policy with a nonce of each answer', async () => {
    const answers = [await get('/', HTML), await get('/', HTML)];
    const nonces = answers.map(({ text }) => /content="([^"]+)"/.exec(text)?.[1]);

    expect(new Set(nonces).size).to.equal(2);
    answers.forEach(({ headers }, index) => {
      const policy = (headers.get('content-security-policy') ?? '').split('; ');
      expect(policy).to.include.members([
        ...["default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'"],
        ...["frame-ancestors 'none'", `style-src 'self' 'nonce-${nonces[index] ?? ''}'`],
      ]);
      expect(policy.join()).not.to.match(/unsafe|https?:|\*/);
    });
  });

  it('asks to look again for the page, and answers 304 without another nonce', async () => {
    const first = await get('/', HTML);
    const etag = first.headers.get('etag') ?? '';

    const again = await get('/workflows', { ...HTML, 'if-none-match': etag });

    expect(first.headers.get('cache-control')).to.equal('no-cache');
    expect([again.status, again.text]).to.deep.equal([304, '']);
    expect(again.headers.get('etag')).to.equal(etag);
    expect(again.headers.get('content-security-policy')).to.equal(null);
    expect((await get('/', { ...HTML, 'if-none-match': '"another"' })).status).to.equal(200);
  });

  it('has assets for ever, compressed for whom it may be', async () => {
    const cases = [
      ['br', 'gzip, deflate, br'],
      ['gzip', 'gzip'],
      ['gzip', 'gzip, br;q=0'],
      [null, 'identity'],
      [null, 'gzip;q=0'],
    ] as const;
    for (const [encoding, accepted] of cases) {
      const { status, headers, text } = await get('/assets/index-B1x.js', { 'accept-encoding': accepted });
      expect(status).to.equal(200);
      expect(headers.get('content-encoding'), accepted).to.equal(encoding);
      expect(headers.get('content-type')).to.equal('text/javascript; charset=utf-8');
      expect(headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
      expect(headers.get('vary')).to.include('Accept-Encoding');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(text).to.equal(SCRIPT);
    }
    expect((await get('/assets/font-C2y.woff2')).headers.get('content-type')).to.equal('font/woff2');
  });

  it('has other files, which may change', async () => {
    const { status, headers } = await get('/favicon.svg');

    expect(status).to.equal(200);
    expect(headers.get('content-type')).to.include('image/svg+xml');
    expect(headers.get('cache-control')).to.equal('no-cache');
    const since = `If-Modified-Since: ${headers.get('last-modified') ?? ''}\r\n`;
    // Not by fetch, which forbids itself every cache when asked for a condition.
    expect(await raw(gateway.url, '/favicon.svg', since)).to.match(/^HTTP\/1.1 304/);
  });

  it('answers 404 for what is missing, never with the page', async () => {
    for (const [address, headers] of [
      ['/assets/gone-A0z.js', { accept: '*/*' }],
      ['/assets/gone-A0z.js', HTML],
      ['/assets/', HTML],
      ['/favicon.ico', { accept: 'image/avif,image/webp,*/*;q=0.8' }],
      ['/workflows', { accept: 'application/json' }],
    ] as const) {
      const answer = await get(address, headers);
      expect(answer.status, address).to.equal(404);
      expect(answer.headers.get('content-type'), address).to.equal('application/problem+json');
      expect(answer.headers.get('cache-control'), address).to.equal('no-store');
    }
  });

  it('leaves the API, its documentation and health alone', async () => {
    for (const address of ['/api/v1/nothing', '/api', '/docs/nothing', '/health/nothing']) {
      expect((await get(address, HTML)).status, address).to.equal(404);
    }
    expect((await get('/docs', HTML)).text).to.include('swagger-ui');
    expect((await get('/health', HTML)).headers.get('content-type')).to.include('application/json');
    expect((await get('/openapi.json', HTML)).body.at('openapi')).to.be.a('string');
    expect((await get('/metrics', HTML)).status).to.equal(401);
    expect((await get('/workflows', HTML, 'POST')).status).to.equal(404);
  });

  it('answers HEAD as GET without a body', async () => {
    const answers = [await get('/', HTML, 'HEAD'), await get('/assets/index-B1x.js', {}, 'HEAD')];

    expect(answers.map(({ status, text }) => [status, text])).to.deep.equal([
      [200, ''],
      [200, ''],
    ]);
  });

  it('lets nobody out of its folder', async () => {
    for (const target of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
      '/..\\secret.txt',
      '//secret.txt',
      '/.env',
      '/assets/.%00./secret.txt',
      '/assets/%E0%A4%A',
    ]) {
      const answer = await raw(gateway.url, target);
      expect(answer, target)
        .to.match(/^HTTP\/1.1 (400|404)/)
        .and.not.to.include('\r\n\r\nsecret');
    }
  });

  it('gives way to a plain page where it was not built', async () => {
    const elsewhere = await startGateway({ env: { CONSOLE_FOLDER: path.join(folder, 'nothing') } });

    const page = await elsewhere.request('GET', '//', { headers: HTML });
    const deep = await elsewhere.request('GET', '//workflows', { headers: HTML });
    await elsewhere.stop();

    expect(page.text).to.include('href="/docs"');
    expect(deep.status).to.equal(404);
  });
});

/** The answer to an address and headers as they stand, which clients would tidy up. */
function raw(url: string, target: string, headers = ''): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n${headers}\r\n`,
      ),
    );
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('close', () => {
      resolve(answer);
    });
    socket.once('error', reject);
  });
}

import { expect } from 'chai';
import { retryAfterSeconds } from '../src/steps/http/status.js';
import {
  closeTargets,
  errorOf,
  json,
  outputOf,
  secretsOf,
  setupHttpStep,
  startTarget,
} from './support/http-step.js';

describe('http_request', () => {
  afterEach(closeTargets);

  it('sends scalars and lists of the query as they are, and deeper values as JSON', async () => {
    const { run, origin, seen } = await setupHttpStep(json({}));

    await run({ url: origin, query: { a: 1, b: ['x', 'y'], c: { deep: true }, d: null } });

    expect([...(seen[0]?.url.searchParams ?? [])]).to.deep.equal([
      ['a', '1'],
      ['b', 'x'],
      ['b', 'y'],
      ['c', '{"deep":true}'],
    ]);
  });

  it('outputs status, headers, body and where it came from', async () => {
    const { run, origin } = await setupHttpStep(json({ id: 7 }, 201, { 'X-Made': 'yes' }));

    const output = outputOf(await run({ url: `${origin}/orders`, method: 'POST', body: {} }));

    expect(output).to.deep.include({ status: 201, body: { id: 7 }, url: `${origin}/orders` });
    expect(output).to.have.all.keys('status', 'headers', 'body', 'url');
    expect(output).to.have.nested.property('headers.x-made', 'yes');
  });

  describe('idempotency', () => {
    for (const [name, config, expected] of [
      ['the key of the step', {}, 'exec_1/a/0'],
      ['a key of its own', { idempotency_key: 'order-7' }, 'order-7'],
      ['the header', { idempotency_key: 'x', headers: { 'idempotency-key': 'mine' } }, 'mine'],
    ] as const) {
      it(`sends ${name}`, async () => {
        const { run, origin, seen } = await setupHttpStep(json({}));

        await run({ url: origin, method: 'POST', ...config });

        expect(seen[0]?.headers['idempotency-key']).to.equal(expected);
      });
    }
  });

  describe('status', () => {
    for (const [status, retryable, fault] of [
      [404, false, 'workflow'],
      [408, true, 'workflow'],
      [429, true, 'workflow'],
      [500, true, 'remote'],
      [501, false, 'remote'],
      [503, true, 'remote'],
    ] as const) {
      it(`fails with ${status}: ${retryable ? 'may be tried again' : 'final'}`, async () => {
        const { run, origin } = await setupHttpStep(json({}, status));

        expect(errorOf(await run({ url: origin }))).to.include({ code: 'http_status', retryable, fault });
      });
    }

    it('tells what the server said, and when to come again', async () => {
      const answer = json({ error: { message: 'slow down' } }, 429, { 'Retry-After': '17' });
      const { run, origin } = await setupHttpStep(answer);

      const error = errorOf(await run({ url: origin }));

      expect(error.message).to.equal('The server answered 429: slow down');
      expect(error.details).to.deep.equal({
        status: 429,
        url: `${origin}/`,
        body: '{"error":{"message":"slow down"}}',
        retry_after_seconds: 17,
      });
    });

    it('keeps a bounded extract of the body, without secrets even where it is cut', async () => {
      const page = `${'x'.repeat(1_990)}s3cret-value${'y'.repeat(9_000)}`;
      const { run, origin } = await setupHttpStep(
        (_request, response) => response.writeHead(500, { 'content-type': 'text/html' }).end(page),
        secretsOf({ key: 's3cret-value' }),
      );

      const { details } = errorOf(await run({ url: origin }));

      expect(String(details?.['body'])).to.have.length.below(2_010);
      expect(String(details?.['body'])).not.to.contain('s3c');
    });

    it('makes data of an expected status, also when its body is no JSON', async () => {
      const { run, origin } = await setupHttpStep(json({ missing: true }, 404));

      const output = outputOf(
        await run({ url: origin, expected_status: ['2xx', 404], response_type: 'json' }),
      );

      expect(output).to.deep.include({ status: 404, body: { missing: true } });
    });

    it('fails with a success that is not expected', async () => {
      const { run, origin } = await setupHttpStep(json({}, 200));

      const error = errorOf(await run({ url: origin, expected_status: [201] }));

      expect(error).to.include({ code: 'http_status', retryable: false });
      expect(error.message).to.equal('The server answered 200; expected is 201');
    });

    it('says http_status of an error page where JSON was asked for', async () => {
      const { run, origin } = await setupHttpStep((_request, response) => {
        response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
      });

      const error = errorOf(await run({ url: origin, response_type: 'json' }));

      expect(error.code).to.equal('http_status');
      expect(error.details).to.include({ body: '<h1>Bad gateway</h1>' });
    });

    it('reads Retry-After as seconds and as a date', () => {
      const now = Date.parse('2026-03-01T12:00:00Z');

      expect(retryAfterSeconds('120', now)).to.equal(120);
      expect(retryAfterSeconds('Sun, 01 Mar 2026 12:00:30 GMT', now)).to.equal(30);
      expect(retryAfterSeconds('Sun, 01 Mar 2026 11:00:00 GMT', now)).to.equal(0);
      for (const nonsense of ['soon', '-1', '1e9', '', undefined, ['1', '2']]) {
        expect(retryAfterSeconds(nonsense, now)).to.equal(undefined);
      }
    });
  });

  describe('secrets', () => {
    it('are revealed on the way out and named in the error', async () => {
      const { run, origin, seen } = await setupHttpStep(
        (request, response) =>
          response.writeHead(500).end(`refused ${String(request.headers.authorization)}`),
        secretsOf({ token: 'tok-1234567' }),
      );

      const error = errorOf(await run({ url: origin, authentication: { type: 'bearer', token: '<token>' } }));

      expect(seen[0]?.headers.authorization).to.equal('Bearer tok-1234567');
      expect(error.details).to.include({ body: 'refused Bearer [secret:token]' });
    });

    it('in a header of any name stay with the first origin', async () => {
      const other = await startTarget(json({}));
      const { run, origin, seen } = await setupHttpStep(
        (_request, response) => response.writeHead(307, { location: other.origin }).end(),
        secretsOf({ key: 'k-1234567' }),
      );

      await run({ url: origin, headers: { 'X-Shop-Key': '<key>', 'X-Shop': 'seven' } });

      expect(seen[0]?.headers).to.include({ 'x-shop-key': 'k-1234567', 'x-shop': 'seven' });
      expect(other.seen[0]?.headers).to.include({ 'x-shop': 'seven' });
      expect(other.seen[0]?.headers).not.to.have.property('x-shop-key');
    });
  });

  it('names what is wrong with a configuration that expressions filled in', async () => {
    const { run, origin } = await setupHttpStep(json({}));

    const error = errorOf(await run({ url: origin, timeout_seconds: 'long' }));

    expect(error.code).to.equal('configuration_invalid');
    expect(error.message).to.match(/timeout_seconds/);
  });
});

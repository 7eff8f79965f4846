import { EventEmitter, once } from 'node:events';
import type { HttpAuthentication, OAuth2ClientCredentials } from '@millrace/contracts';
import { expect } from 'chai';
import { createGuardedHttp } from '../../src/http/client.js';
import type { GuardedHttp, HttpOutcome } from '../../src/http/types.js';
import { closeAll, endLater, expectError, reply, response, setup } from '../support/http.js';
import { startServer, type Handler, type Seen, type TestServer } from '../support/server.js';

const json =
  (body: unknown, status = 200): Handler =>
  (_request, answer) => {
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

function messageOf(outcome: HttpOutcome): string {
  return outcome.ok ? '' : outcome.error.message;
}

describe('authentication of guarded HTTP requests', () => {
  afterEach(closeAll);

  for (const [authentication, header, value] of [
    [{ type: 'basic', username: 'jürgen', password: 'a:b' }, 'authorization', 'Basic asO8cmdlbjphOmI='],
    [{ type: 'bearer', token: 't0ken' }, 'authorization', 'Bearer t0ken'],
    [{ type: 'header', name: 'X-Shop-Key', value: 'k' }, 'x-shop-key', 'k'],
  ] as const) {
    it(`sends ${authentication.type}, and never to another origin`, async () => {
      const other = await startServer(reply('other'));
      endLater(() => other.close());
      const { server, http } = await setup((_request, answer) => {
        answer.writeHead(307, { location: other.origin }).end();
      });

      await http.request({ url: server.origin, authentication });

      expect(server.seen[0]?.headers[header]).to.equal(value);
      expect(other.seen).to.have.length(1);
      expect(other.seen[0]?.headers).not.to.have.property(header);
    });
  }

  it('sends a query parameter in place of one of the same name', async () => {
    const { server, http } = await setup(reply('x'));
    const authentication = { type: 'query', name: 'key', value: 'a b/c' } as const;

    await http.request({ url: `${server.origin}/?key=old&x=1`, authentication });

    expect(server.seen[0]?.path).to.equal('/?key=a+b%2Fc&x=1');
  });

  for (const [name, authentication, headers] of [
    ['a header that is given twice', { type: 'bearer', token: 't' }, { authorization: 'x' }],
    ['a token with a line break', { type: 'bearer', token: 'secret-token\n' }, {}],
    ['a name that is no header name', { type: 'header', name: 'X Y', value: 'v' }, {}],
    ['a header of the connection', { type: 'header', name: 'Host', value: 'v' }, {}],
    ['the way to a proxy', { type: 'header', name: 'Proxy-Authorization', value: 'v' }, {}],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const { server, http } = await setup(reply('x'));

      const outcome = await http.request({ url: server.origin, authentication, headers });

      expectError(outcome, 'invalid_request');
      expect(messageOf(outcome)).not.to.contain('secret-token');
      expect(server.seen).to.deep.equal([]);
    });
  }

  it('keeps a credential out of an answer that repeats it', async () => {
    const { server, http } = await setup((request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json', 'x-echo': request.headers.authorization });
      answer.end(JSON.stringify({ headers: [request.headers] }));
    });
    const authentication = { type: 'basic', username: 'u', password: 'pa55word' } as const;

    const answer = response(await http.request({ url: server.origin, authentication }));

    expect(JSON.stringify(answer)).not.to.contain(Buffer.from('u:pa55word').toString('base64'));
    expect(answer.headers['x-echo']).to.equal('Basic [redacted]');
  });

  describe('OAuth 2 client credentials', () => {
    interface Bundle {
      readonly tokens: TestServer;
      readonly api: TestServer;
      readonly http: GuardedHttp;
      readonly credentials: OAuth2ClientCredentials;
      now: number;
    }

    async function setupOAuth(
      issue: Handler,
      api: Handler = (request, answer) => answer.end(request.headers.authorization),
    ): Promise<Bundle> {
      const tokens = await startServer(issue);
      const apiServer = await startServer(api);
      const bundle = { now: 1_000_000 };
      const http = createGuardedHttp({ allow: ['127.0.0.0/8'], clock: () => bundle.now });
      endLater(
        () => http.close(),
        () => tokens.close(),
        () => apiServer.close(),
      );
      const credentials: OAuth2ClientCredentials = {
        type: 'oauth2_client_credentials',
        token_url: `${tokens.origin}/token`,
        client_id: 'id:1',
        client_secret: 's3cret +/ü',
        auth_style: 'basic',
      };
      return Object.assign(bundle, { tokens, api: apiServer, http, credentials });
    }

    /** `t1`, `t2`, … */
    function issuing(fields: object): Handler {
      let issued = 0;
      return (request, answer, raw) => {
        issued += 1;
        json({ access_token: `t${String(issued)}`, token_type: 'Bearer', ...fields })(request, answer, raw);
      };
    }

    const sentTokens = ({ api }: Bundle): unknown[] =>
      api.seen.map((seen: Seen) => seen.headers.authorization);

    it('asks for a token in the standard way and keeps it until shortly before it expires', async () => {
      const bundle = await setupOAuth(issuing({ expires_in: 600 }));
      const { http, api, tokens, credentials } = bundle;
      const spec = { url: api.origin, authentication: { ...credentials, scope: 'a b', audience: 'aud' } };

      await http.request(spec);
      bundle.now += 539_000;
      await http.request(spec);
      bundle.now += 2_000;
      await http.request(spec);

      expect(sentTokens(bundle)).to.deep.equal(['Bearer t1', 'Bearer t1', 'Bearer t2']);
      expect(tokens.seen).to.have.length(2);
      const [asked] = tokens.seen;
      expect(asked).to.include({
        method: 'POST',
        path: '/token',
        body: 'grant_type=client_credentials&scope=a+b&audience=aud',
      });
      const basic = Buffer.from('id%3A1:s3cret+%2B%2F%C3%BC').toString('base64');
      expect(asked?.headers.authorization).to.equal(`Basic ${basic}`);
    });

    it('sends the credentials in the body where the endpoint wants them there', async () => {
      const { http, api, tokens, credentials } = await setupOAuth(issuing({}));

      await http.request({ url: api.origin, authentication: { ...credentials, auth_style: 'body' } });

      const fields = new URLSearchParams(tokens.seen[0]?.body);
      expect(fields.get('client_id')).to.equal('id:1');
      expect(fields.get('client_secret')).to.equal('s3cret +/ü');
      expect(tokens.seen[0]?.headers).not.to.have.property('authorization');
    });

    it('fetches once for many requests at the same time, also when the first of them gives up', async () => {
      const arrived = new EventEmitter();
      let release: (() => void) | undefined;
      const bundle = await setupOAuth((_request, answer) => {
        release = () => answer.setHeader('content-type', 'application/json').end('{"access_token":"t1"}');
        arrived.emit('asked');
      });
      const { http, api, tokens, credentials } = bundle;
      const abort = new AbortController();
      const asked = once(arrived, 'asked');

      const first = http.request({ url: api.origin, authentication: credentials, signal: abort.signal });
      const others = [1, 2, 3].map(() => http.request({ url: api.origin, authentication: credentials }));
      await asked;
      abort.abort();
      expectError(await first, 'aborted');
      release?.();

      for (const outcome of await Promise.all(others)) expect(outcome.ok).to.equal(true);
      expect(tokens.seen).to.have.length(1);
    });

    it('gives a token only to who knows the secret, and only for what it was asked for', async () => {
      const { http, api, tokens, credentials } = await setupOAuth(issuing({}));
      const variants: HttpAuthentication[] = [
        credentials,
        { ...credentials, client_secret: 'guessed' },
        { ...credentials, scope: 'admin' },
        { ...credentials, audience: 'other' },
      ];

      for (const authentication of variants) await http.request({ url: api.origin, authentication });

      expect(tokens.seen).to.have.length(variants.length);
    });

    it('drops a token that the target refuses and fetches another, once', async () => {
      const bundle = await setupOAuth(issuing({}), (request, answer) => {
        answer.writeHead(request.headers.authorization === 'Bearer t2' ? 200 : 401).end();
      });
      const { http, api, credentials } = bundle;

      const withdrawn = await http.request({
        url: api.origin,
        method: 'POST',
        body: 'x',
        authentication: credentials,
      });

      expect(response(withdrawn).status).to.equal(200);
      expect(sentTokens(bundle)).to.deep.equal(['Bearer t1', 'Bearer t2']);
      expect(api.seen.map((seen) => seen.body)).to.deep.equal(['x', 'x']);
    });

    it('answers with the 401 when the second token is refused too', async () => {
      const bundle = await setupOAuth(issuing({}), (_request, answer) => answer.writeHead(401).end());

      const outcome = await bundle.http.request({
        url: bundle.api.origin,
        authentication: bundle.credentials,
      });

      expect(response(outcome).status).to.equal(401);
      expect(sentTokens(bundle)).to.have.length(2);
    });

    const echo: Handler = (request, answer, raw) => {
      const secret = new URLSearchParams(request.body).get('client_secret');
      json({ error: 'invalid_client', error_description: `no client with ${String(secret)}` }, 401)(
        request,
        answer,
        raw,
      );
    };
    const failures: [name: string, issue: Handler, code: string, words: RegExp][] = [
      [
        'refused credentials',
        echo,
        'authentication_failed',
        /401 \(invalid_client: no client with \[redacted\]\)/,
      ],
      ['trouble', json({}, 503), 'authentication_unavailable', /503/],
      ['throttling', json({}, 429), 'authentication_unavailable', /429/],
      ['no token', json({ ok: true }), 'authentication_failed', /without an access_token/],
      [
        'a token with a line break',
        json({ access_token: 'a\r\nb: c' }),
        'authentication_failed',
        /access_token/,
      ],
      [
        'a token of another type',
        json({ access_token: 'a', token_type: 'mac' }),
        'authentication_failed',
        /bearer/,
      ],
      ['no JSON', reply('<html>', 'text/html'), 'authentication_failed', /access_token/],
      [
        'a redirect',
        (_request, answer) => answer.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
        'authentication_failed',
        /307/,
      ],
    ];
    for (const [name, issue, code, words] of failures) {
      it(`answers ${name} with ${code}, without the secret and without asking the target`, async () => {
        const { http, api, credentials } = await setupOAuth(issue);

        const outcome = await http.request({
          url: api.origin,
          authentication: { ...credentials, auth_style: 'body' },
        });

        expect(outcome).to.have.nested.property('error.code', code);
        expect(messageOf(outcome)).to.match(words).and.not.contain('s3cret');
        expect(api.seen).to.deep.equal([]);
      });
    }

    it('forgets a failure: the next request asks again', async () => {
      let asked = 0;
      const { http, api, credentials } = await setupOAuth((request, answer, raw) => {
        asked += 1;
        json(asked === 1 ? {} : { access_token: 'token' }, asked === 1 ? 500 : 200)(request, answer, raw);
      });
      const spec = { url: api.origin, authentication: credentials };

      expectError(await http.request(spec), 'authentication_unavailable');
      expect(response(await http.request(spec)).status).to.equal(200);
    });

    it('guards the token endpoint like every target', async () => {
      const { http, api, credentials } = await setupOAuth(issuing({}));
      const authentication = { ...credentials, token_url: 'http://169.254.169.254/token' };

      const outcome = await http.request({ url: api.origin, authentication });

      expectError(outcome, 'blocked_address');
      expect(messageOf(outcome)).to.match(/^No access token/);
    });

    it('fetches no token for a target that is refused', async () => {
      const { http, tokens, credentials } = await setupOAuth(issuing({}));

      expectError(
        await http.request({ url: 'http://10.0.0.1/', authentication: credentials }),
        'blocked_address',
      );
      expect(tokens.seen).to.deep.equal([]);
    });

    it('keeps the token out of an answer that repeats it', async () => {
      const { http, api, credentials } = await setupOAuth(json({ access_token: 'very-secret-token' }));

      const outcome = await http.request({ url: api.origin, authentication: credentials });

      expect(response(outcome).body).to.equal('Bearer [redacted]');
    });
  });
});

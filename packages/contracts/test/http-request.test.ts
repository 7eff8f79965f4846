import { expect } from 'chai';
import { httpRequestConfiguration } from '../src/index.js';

const pathsOf = (config: object): string[] | undefined =>
  httpRequestConfiguration
    .safeParse({ url: 'https://a.example', ...config })
    .error?.issues.map((issue) => issue.path.join('.'));

describe('the configuration of http_request', () => {
  it('needs a URL only, and fills in the rest', () => {
    expect(httpRequestConfiguration.parse({ url: 'https://a.example' })).to.deep.equal({
      url: 'https://a.example',
      method: 'GET',
      response_type: 'auto',
      timeout_seconds: 30,
      max_bytes: 5_000_000,
      idempotent: false,
    });
  });

  for (const config of [
    { authentication: { type: 'basic', username: '=secret("user")', password: '=secret("pw")' } },
    { authentication: { type: 'bearer', token: '{{ secret("token") }}' } },
    { authentication: { type: 'header', name: 'X-Key', value: '=secret("key")' } },
    { authentication: { type: 'query', name: 'key', value: '=secret("key")' } },
    {
      authentication: {
        type: 'oauth2_client_credentials',
        token_url: 'https://login.example/token',
        client_id: 'id',
        client_secret: '=secret("s")',
      },
    },
    { redirects: { follow: false } },
    { expected_status: [200, '4xx'] },
    { body_type: 'multipart', body: { file: { text: 'x', filename: 'x.txt' } } },
    { pagination: { type: 'link_header' } },
  ]) {
    it(`accepts ${JSON.stringify(config)}`, () => {
      expect(pathsOf(config)).to.equal(undefined);
    });
  }

  for (const [config, path] of [
    [{ authentication: { type: 'digest' } }, 'authentication.type'],
    [{ authentication: { type: 'bearer' } }, 'authentication.token'],
    [{ authentication: { type: 'basic', username: 'a:b', password: '' } }, 'authentication.username'],
    [{ authentication: { type: 'bearer', token: 't', scope: 's' } }, 'authentication'],
    [{ redirects: { max: 21 } }, 'redirects.max'],
    [{ expected_status: [] }, 'expected_status'],
    [{ expected_status: ['200'] }, 'expected_status.0'],
    [{ expected_status: [99] }, 'expected_status.0'],
    [{ body_type: 'xml' }, 'body_type'],
    [{ response_type: 'xml' }, 'response_type'],
    [{ method: 'TRACE' }, 'method'],
  ] as const) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      expect(pathsOf(config)).to.deep.equal([path]);
    });
  }
});

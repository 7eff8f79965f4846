import { API_BASE } from '@millrace/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import * as z from 'zod';
import type { Json } from '../../support/http.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';

/** Pages and their files: no operations of the API. */
const PAGES = new Set(['/', '/docs/assets']);

describe('the documentation', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  it('is served as OpenAPI 3.1 at both addresses', async () => {
    const [atRoot, underBase] = [
      await gateway.request('GET', '//openapi.json'),
      await gateway.request('GET', '/openapi.json'),
    ];

    expect((await new Validator().validate(documentOf(atRoot.body))).valid).to.equal(true);
    expect(atRoot.text).to.equal(underBase.text);
  });

  it('has every route that the application registers, and no other', async () => {
    const { body } = await gateway.request('GET', '/openapi.json');
    const documented = Object.keys(documentOf(body).paths).map((path) =>
      path.replaceAll(/\{([a-z_]+)\}/g, ':$1'),
    );
    const registered = registeredPaths(gateway.gateway.app.router).filter(
      (path) => !PAGES.has(path) && !path.startsWith('/docs/assets/'),
    );

    expect([...new Set(registered)]).to.have.members(documented);
  });

  it('allows at every address exactly the methods it documents', async () => {
    const { body } = await gateway.request('GET', '/openapi.json');
    for (const [path, item] of Object.entries(documentOf(body).paths)) {
      const address = path.replaceAll(/\{[a-z_]+\}/g, 'x-1');
      const { status, headers } = await gateway.request('OPTIONS', address);
      const methods = Object.keys(item).map((method) => method.toUpperCase());
      if (methods.includes('GET')) methods.push('HEAD');

      expect(status, path).to.equal(204);
      expect(headers.get('allow')?.split(', '), path).to.have.members([...methods, 'OPTIONS']);
    }
  });

  it('can be read at /docs, with nothing inline and nothing from elsewhere', async () => {
    const { status, headers, text } = await gateway.request('GET', '//docs');
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].flatMap(([, address]) => address ?? []);

    expect(status).to.equal(200);
    expect(headers.get('content-security-policy'))
      .to.include("script-src 'self'")
      .and.not.to.include('unsafe');
    expect(text).not.to.match(/<script(?![^>]*src=)/);
    for (const address of loaded) {
      expect((await gateway.request('GET', `/${address}`)).status, address).to.equal(200);
    }
  });

  it('is led to by the page at the root', async () => {
    const { status, text } = await gateway.request('GET', '//');

    expect(status).to.equal(200);
    expect(text).to.include('href="/docs"');
  });

  it('names the address of the API', async () => {
    const { body } = await gateway.request('GET', '/openapi.json');

    expect(body.at('servers', 0, 'url')).to.equal(API_BASE);
  });
});

const openApi = z.looseObject({ paths: z.record(z.string(), z.looseObject({})) });

function documentOf({ value }: Json): z.infer<typeof openApi> {
  return openApi.parse(value);
}

/** Paths of all routes, of mounted routers too, without where they are mounted. */
function registeredPaths(router: unknown): string[] {
  const stack: unknown = Reflect.get(Object(router), 'stack');
  if (!Array.isArray(stack)) return [];
  return stack.flatMap((layer: unknown) => {
    const path: unknown = Reflect.get(Object(Reflect.get(Object(layer), 'route')), 'path');
    if (typeof path === 'string') return [path];
    return registeredPaths(Reflect.get(Object(layer), 'handle'));
  });
}

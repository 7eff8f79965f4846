import { definition, httpRequestConfiguration, type JsonObject } from '@millrace/contracts';
import { compile } from '@millrace/engine';
import { expect } from 'chai';
import { nextLink } from '../src/steps/http/link-header.js';
import { type Answer, closeTargets, errorOf, json, outputOf, setupHttpStep } from './support/http-step.js';

/** Seven items in pages of three, asked for by `?page=`, `?offset=` or `?after=`; links lead on. */
const shelf: Answer = (request, response) => {
  const items = [1, 2, 3, 4, 5, 6, 7];
  const asked = (name: string): number => Number(request.url.searchParams.get(name) ?? 0);
  const from = asked('offset') + (Math.max(1, asked('page')) - 1) * 3 + asked('after');
  const more = from + 3 < items.length;
  const headers = more ? { link: `</?after=${from + 3}>; rel="next", </>; rel="first"` } : {};
  json(
    {
      items: items.slice(from, from + 3).map((id) => ({ id })),
      next: more ? from + 3 : null,
      more,
      next_url: more ? `/?after=${from + 3}` : '',
    },
    200,
    headers,
  )(request, response);
};

const idsOf = (output: JsonObject): unknown =>
  Array.isArray(output['body'])
    ? output['body'].map((item) =>
        typeof item === 'object' && item !== null && 'id' in item ? item['id'] : item,
      )
    : output['body'];

describe('pagination', () => {
  afterEach(closeTargets);

  for (const [name, pagination, pages] of [
    ['links in the header', { type: 'link_header' }, 3],
    ['an address in the body', { type: 'next_url', url: 'body.next_url' }, 3],
    ['a cursor', { type: 'cursor', cursor: 'body.next', parameter: 'after' }, 3],
    ['a computed cursor', { type: 'cursor', cursor: 'body.more ? body.items[-1].id', parameter: 'after' }, 3],
    ['page numbers', { type: 'page' }, 4],
    ['offsets', { type: 'offset' }, 4],
  ] as const) {
    it(`follows ${name} to the end`, async () => {
      const { run, origin, seen } = await setupHttpStep(shelf);

      const output = outputOf(await run({ url: origin, pagination: { ...pagination, items: 'body.items' } }));

      expect(idsOf(output)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      expect(output).to.include({ status: 200, pages, complete: true });
      expect(seen).to.have.length(pages);
    });
  }

  it('sends a cursor in the JSON body, and every page another idempotency key', async () => {
    const { run, origin, seen } = await setupHttpStep((request, response) => {
      const body: unknown = JSON.parse(request.body);
      json({ items: ['x'], next: request.body.includes('c1') ? null : 'c1', body })(request, response);
    });

    const output = outputOf(
      await run({
        url: origin,
        method: 'POST',
        body: { size: 1 },
        pagination: { type: 'cursor', cursor: 'body.next', body_field: 'start_cursor', items: 'body.items' },
      }),
    );

    expect(output['body']).to.deep.equal(['x', 'x']);
    expect(seen.map(({ body }) => body)).to.deep.equal(['{"size":1}', '{"size":1,"start_cursor":"c1"}']);
    expect(seen.map(({ headers }) => headers['idempotency-key'])).to.deep.equal([
      'exec_1/a/0',
      'exec_1/a/0/page/2',
    ]);
  });

  it('sends a cursor deep in the body, where GraphQL has it', async () => {
    const { run, origin, seen } = await setupHttpStep((request, response) => {
      const more = !request.body.includes('c1');
      const page = { nodes: [1], pageInfo: { hasNextPage: more, endCursor: more ? 'c1' : 'c2' } };
      json({ data: { items: page } })(request, response);
    });

    await run({
      url: origin,
      method: 'POST',
      body: { query: '…', variables: { first: 1, after: null } },
      pagination: {
        type: 'cursor',
        cursor: 'body.data.items.pageInfo.(hasNextPage ? endCursor)',
        body_field: 'variables.after',
        items: 'body.data.items.nodes',
      },
    });

    expect(seen.map(({ body }) => body)).to.deep.equal([
      '{"query":"…","variables":{"first":1,"after":null}}',
      '{"query":"…","variables":{"first":1,"after":"c1"}}',
    ]);
  });

  it('keeps the query of the configuration for cursors, and leaves it to the link where one is followed', async () => {
    const { run, origin, seen } = await setupHttpStep(shelf);
    const query = { size: 3 };

    await run({
      url: origin,
      query,
      pagination: { type: 'cursor', cursor: 'body.next', parameter: 'after', items: 'body.items' },
    });
    await run({ url: origin, query, pagination: { type: 'link_header', items: 'body.items' } });

    const searches = seen.map(({ url }) => url.search);
    expect(searches.slice(0, 3)).to.deep.equal(['?size=3', '?size=3&after=3', '?size=3&after=6']);
    expect(searches.slice(3)).to.deep.equal(['?size=3', '?after=3', '?after=6']);
  });

  it('takes a body that is a list without being told, and a single item for a list of one', async () => {
    const { run, origin } = await setupHttpStep((request, response) => {
      const first = !request.url.searchParams.has('page') || request.url.searchParams.get('page') === '1';
      json(first ? [{ id: 1 }] : [])(request, response);
    });

    const plain = outputOf(await run({ url: origin, pagination: { type: 'page' } }));
    const single = outputOf(await run({ url: origin, pagination: { type: 'page', items: 'body[id > 0]' } }));

    expect(plain['body']).to.deep.equal([{ id: 1 }]);
    expect(single['body']).to.deep.equal([{ id: 1 }]);
  });

  it('stops at a cursor that comes again, and says so', async () => {
    const { run, origin, seen, logged } = await setupHttpStep(json({ items: [1], next: 'same' }));
    const pagination = { type: 'cursor', cursor: 'body.next', parameter: 'after', items: 'body.items' };

    const output = outputOf(await run({ url: origin, pagination }));

    expect(output).to.deep.include({ body: [1, 1], pages: 2, complete: true });
    expect(seen).to.have.length(2);
    expect(logged.join()).to.contain('read already');
  });

  it('stops after max_pages, and says that there are more', async () => {
    const { run, origin, seen, logged } = await setupHttpStep(json([1]));

    const output = outputOf(await run({ url: origin, pagination: { type: 'page', max_pages: 5 } }));

    expect(output).to.include({ pages: 5, complete: false });
    expect(seen).to.have.length(5);
    expect(logged.join()).to.contain('max_pages');
  });

  it('counts the bytes of all pages against max_bytes', async () => {
    const { run, origin, seen } = await setupHttpStep(json(['x'.repeat(1_000)]));

    const error = errorOf(await run({ url: origin, max_bytes: 2_500, pagination: { type: 'page' } }));

    expect(error.code).to.equal('response_too_large');
    expect(error.message).to.contain('3 pages together');
    expect(seen).to.have.length(3);
  });

  it('follows no link to another origin, for the credentials are for one', async () => {
    const { run, origin } = await setupHttpStep(json([1], 200, { link: '<http://127.0.0.1:1/x>; rel=next' }));

    const error = errorOf(await run({ url: origin, pagination: { type: 'link_header' } }));

    expect(error.code).to.equal('pagination_failed');
    expect(error.message).to.contain('http://127.0.0.1:1');
  });

  it('names the page whose answer fails', async () => {
    const { run, origin } = await setupHttpStep((request, response) => {
      json([1], request.url.searchParams.get('page') === '2' ? 503 : 200)(request, response);
    });

    const error = errorOf(await run({ url: origin, pagination: { type: 'page' } }));

    expect(error).to.include({ code: 'http_status', retryable: true });
    expect(error.message).to.match(/^Page 2: The server answered 503/);
    expect(error.details).to.include({ page: 2, status: 503 });
  });

  it('ends at an expected 404 behind the last page', async () => {
    const { run, origin } = await setupHttpStep((request, response) => {
      const last = request.url.searchParams.get('page') === '2';
      json(last ? { detail: 'Invalid page.' } : { results: [1] }, last ? 404 : 200)(request, response);
    });
    const pagination = { type: 'page', items: 'body.results' };

    const output = outputOf(await run({ url: origin, expected_status: [200, 404], pagination }));

    expect(output).to.deep.include({ body: [1], pages: 2, complete: true });
  });

  for (const [name, pagination, words] of [
    ['a body that is no list', { type: 'page' }, /pagination\.items/],
    ['a cursor that is an object', { type: 'cursor', cursor: 'body', parameter: 'c', items: '1' }, /cursor/],
    ['an address that is none', { type: 'next_url', url: '"http://["', items: '1' }, /no URL/],
    ['an expression that fails', { type: 'page', items: '$number("x")' }, /Page 1: JSONata/],
  ] as const) {
    it(`fails clearly on ${name}`, async () => {
      const { run, origin } = await setupHttpStep(json({ a: 1 }));

      const error = errorOf(await run({ url: origin, pagination }));

      expect(error.message).to.match(words);
      expect(error.retryable).to.equal(false);
    });
  }

  for (const [header, expected] of [
    ['<https://a/?p=2>; rel="next"', 'https://a/?p=2'],
    ['<https://a/?p=1>; rel="prev", <https://a/?p=3>; rel="next last"', 'https://a/?p=3'],
    ['<https://a/,x>; title="a, b; rel=next"; rel=prev, </b>; REL=Next', '/b'],
    ['<a>; title="\\"", <b>; rel=next', 'b'],
    ['<a>; rel="nextish"', undefined],
    ['<a', undefined],
    ['', undefined],
  ] as const) {
    it(`reads the Link header ${header}`, () => {
      expect(nextLink(header)).to.equal(expected);
    });
  }

  for (const [pagination, path] of [
    [{ type: 'page', items: '=body.items' }, 'pagination.items'],
    [{ type: 'cursor', cursor: 'body.next' }, 'pagination'],
    [{ type: 'cursor', cursor: 'body.next', parameter: 'a', body_field: 'b' }, 'pagination'],
    [{ type: 'page', max_pages: 0 }, 'pagination.max_pages'],
    [{ type: 'pages' }, 'pagination.type'],
  ] as const) {
    it(`refuses ${JSON.stringify(pagination)} when it is saved`, () => {
      const { error } = httpRequestConfiguration.safeParse({ url: 'https://a', pagination });

      expect(error?.issues.map((issue) => issue.path.join('.'))).to.deep.equal([path]);
    });
  }

  for (const [name, pagination, place, words] of [
    ['does not parse', { type: 'page', items: 'body.(' }, 'items', /JSONata/],
    [
      'names no step of the workflow',
      { type: 'cursor', cursor: 'steps.nowhere.output', parameter: 'c' },
      'cursor',
      /nowhere/,
    ],
    [
      'asks for a secret',
      { type: 'next_url', url: 'secret("key")' },
      'url',
      /secret\("key"\) cannot be used here/,
    ],
  ] as const) {
    it(`refuses an expression that ${name} when it is saved`, () => {
      const config = { url: 'https://a.example', pagination };

      const compiled = compile(
        definition.parse({ name: 'Test', nodes: [{ id: 'a', type: 'http_request', data: { config } }] }),
      );

      const problems = compiled.ok ? [] : compiled.problems;
      expect(problems.map(({ loc }) => loc?.join('.'))).to.deep.equal([
        `nodes.0.data.config.pagination.${place}`,
      ]);
      expect(problems[0]?.message).to.match(words);
    });
  }
});

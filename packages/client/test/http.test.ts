import { expect } from 'chai';
import { ApiProblem, NetworkError, ProtocolError, createClient } from '../src/index.js';
import { EXECUTION } from './support/frames.js';
import { sendJson, sendProblem } from './support/server.js';
import { collect, rejection, setup, type Bundle } from './support/setup.js';

describe('HTTP calls', () => {
  let bundle: Bundle;
  beforeEach(async () => {
    bundle = await setup();
  });
  afterEach(() => bundle.server.stop());

  it('makes a problem document an ApiProblem with everything in it', async () => {
    const errors = [{ loc: ['body', 'nodes', 0, 'id'], msg: 'bad', type: 'x' }];
    bundle.server.onRequest = (_request, response) =>
      sendJson(
        response,
        422,
        {
          type: 'https://x/problems/validation_failed',
          title: 'T',
          status: 422,
          detail: 'D',
          errors,
          request_id: 'r1',
        },
        { 'retry-after': '7' },
      );

    const error = await rejection(bundle.client().workflows.get('wf_1'));

    expect(error).to.be.instanceOf(ApiProblem);
    expect(error).to.include({
      status: 422,
      code: 'validation_failed',
      detail: 'D',
      requestId: 'r1',
      retryAfter: 7,
    });
    expect(error).to.have.deep.property('errors', errors);
  });

  it('does not quote the page of a proxy', async () => {
    bundle.server.onRequest = (_request, response) => {
      response.writeHead(500, { 'content-type': 'text/html' });
      response.end('<h1>nginx</h1>');
    };

    const error = await rejection(bundle.client().auth.me());

    expect(error).to.include({ status: 500, code: 'http_500' });
    expect(String(error)).not.to.include('nginx');
  });

  it('repeats a GET after 503 and 429 and returns the answer', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      if (server.requests.length === 1)
        sendProblem(response, 503, 'unavailable', 'soon', { 'retry-after': '0' });
      else if (server.requests.length === 2) sendProblem(response, 429, 'rate_limited', 'slow');
      else sendJson(response, 200, { execution_id: EXECUTION });
    };

    expect(await client().executions.get(EXECUTION)).to.deep.equal({ execution_id: EXECUTION });
    expect(server.requests).to.have.length(3);
  });

  it('repeats no more than it was told, and not at all when asked to wait too long', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => sendProblem(response, 503, 'unavailable', 'down');
    await rejection(client({ retry: { attempts: 3, minDelayMs: 1 } }).auth.me());
    expect(server.requests).to.have.length(3);

    server.onRequest = (_request, response) =>
      sendProblem(response, 429, 'rate_limited', 'later', { 'retry-after': '3600' });
    expect(await rejection(client().auth.me())).to.include({ retryAfter: 3600 });
    expect(server.requests).to.have.length(4);
  });

  it('repeats a submission only under an idempotency key', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      if (server.requests.length % 2 === 1) response.destroy();
      else sendJson(response, 202, { execution_id: EXECUTION });
    };

    const answer = await client().workflows.execute('wf_1', { n: 1 }, { idempotencyKey: 'k' });
    expect(answer.execution_id).to.equal(EXECUTION);
    expect(server.requests.map((request) => request.headers['idempotency-key'])).to.deep.equal(['k', 'k']);
    expect(server.requests[0]?.body).to.deep.equal({ parameters: { n: 1 } });

    expect(await rejection(client().workflows.execute('wf_1'))).to.be.instanceOf(NetworkError);
    expect(server.requests).to.have.length(3);
  });

  it('tests a draft as it is at a revision, and only to a step', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => sendJson(response, 202, { execution_id: EXECUTION });

    await client().workflows.executeDraft('wf_1', { n: 1 }, { untilStep: 'b', ifMatch: 3, callback: null });

    expect(server.requests[0]).to.deep.include({
      path: '/api/v1/workflows/wf_1/draft/execute',
      body: { parameters: { n: 1 }, until_step: 'b', callback: null },
    });
    expect(server.requests[0]?.headers['if-match']).to.equal('"3"');
  });

  it('repeats a batch only when every item has a key', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      if (server.requests.length === 1) response.destroy();
      else if (server.requests.length === 2) sendJson(response, 202, { executions: [] });
      else response.destroy();
    };

    await client().workflows.executeBatch('wf_1', [{ idempotency_key: 'a' }, { idempotency_key: 'b' }]);
    await rejection(client().workflows.executeBatch('wf_1', [{ idempotency_key: 'a' }, {}]));

    expect(server.requests).to.have.length(3);
    expect(server.requests[0]?.path).to.equal('/api/v1/workflows/wf_1/execute/batch');
  });

  it('takes the 404 of a repeated DELETE for success, and that of a first one for what it is', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => {
      if (server.requests.length === 1) response.destroy();
      else sendProblem(response, 404, 'not_found', 'Workflow wf_1 not found');
    };

    await client().workflows.delete('wf_1');
    expect(await rejection(client().workflows.delete('wf_1'))).to.include({ status: 404 });
  });

  it('sends a revision as If-Match and does not repeat such a write', async () => {
    const { server, client } = bundle;
    server.onRequest = (_request, response) => response.destroy();

    await rejection(client().workflows.update('wf_1', { name: 'n', nodes: [] }, { ifMatch: 4 }));

    expect(server.requests).to.have.length(1);
    expect(server.requests[0]?.headers['if-match']).to.equal('"4"');
  });

  it('walks all pages along the Link header, whatever host it names', async () => {
    const { server, client } = bundle;
    server.onRequest = (request, response) => {
      const cursor = request.query.get('cursor');
      const next = cursor === null ? 'a/b=' : undefined;
      const link = '<http://inner:1/api/v1/workflows/?tag=x&cursor=a%2Fb%3D>; rel="next"';
      sendJson(response, 200, [{ id: cursor ?? 'first' }], next === undefined ? {} : { link });
    };

    const ids = (await collect(client().workflows.listAll({ tag: 'x' }))).map((item) => item.id);

    expect(ids).to.deep.equal(['first', 'a/b=']);
    expect(server.requests.map((request) => request.query.get('tag'))).to.deep.equal(['x', 'x']);
  });

  it('reads a long log page by page, however short the server makes them', async () => {
    const { server, client } = bundle;
    server.onRequest = (request, response) => {
      const after = Number(request.query.get('after_seq'));
      const link = '</api/v1/executions/x/events?after_seq=400&limit=1000>; rel="next"';
      const page = Array.from({ length: after === 0 ? 400 : 3 }, (_, index) => ({ seq: after + index + 1 }));
      sendJson(response, 200, page, after === 0 ? { link } : {});
    };

    const log = await collect(client().executions.eventsAll(EXECUTION));

    expect(log).to.have.length(403);
    expect(log.at(-1)?.seq).to.equal(403);
  });

  it('gives up after its deadline, also when the body hangs', async () => {
    bundle.server.onRequest = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"a":');
    };

    const error = await rejection(bundle.client({ retry: { attempts: 1 } }).auth.me({ timeoutMs: 30 }));

    expect(error).to.be.instanceOf(NetworkError);
    expect(error).to.include({ reason: 'timeout' });
  });

  it('throws the reason of the signal', async () => {
    const controller = new AbortController();
    bundle.server.onRequest = () => controller.abort(new Error('changed my mind'));

    const error = await rejection(bundle.client().auth.me({ signal: controller.signal }));

    expect(error).to.include({ message: 'changed my mind' });
    expect(bundle.server.requests).to.have.length(1);
  });

  it('says what cannot be reached', async () => {
    await bundle.server.stop();

    const error = await rejection(bundle.client({ retry: { attempts: 1 } }).health());

    expect(error).to.be.instanceOf(NetworkError);
    expect(String(error)).to.match(/Cannot reach 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
  });

  it('returns the health of a platform that is down', async () => {
    const part = { status: 'down' };
    const components = { api: { status: 'ok' }, database: part, queue: part, events: part, workers: part };
    bundle.server.onRequest = (_request, response) =>
      sendJson(response, 503, { status: 'down', version: '1', uptime_seconds: 1, components });

    expect((await bundle.client().health()).status).to.equal('down');
    expect(bundle.server.requests).to.have.length(1);
  });

  it('checks answers against the contract only when validating, and passes unknown keys on', async () => {
    const user = { username: 'ada', email: null, full_name: null, disabled: false, scopes: [] };
    bundle.server.onRequest = (_request, response) => sendJson(response, 200, { ...user, later: 1 });
    expect(await bundle.client({ validate: true }).auth.me()).to.deep.equal({ ...user, later: 1 });

    bundle.server.onRequest = (_request, response) => sendJson(response, 200, { username: 1 });
    expect(await rejection(bundle.client({ validate: true }).auth.me())).to.be.instanceOf(ProtocolError);
    expect(await bundle.client().auth.me()).to.deep.equal({ username: 1 });
  });

  it('escapes ids in paths', async () => {
    await rejection(bundle.client().workflows.get('../users?x=1'));

    expect(bundle.server.requests[0]?.path).to.equal('/api/v1/workflows/..%2Fusers%3Fx%3D1');
  });

  it('returns blobs as bytes with their type', async () => {
    bundle.server.onRequest = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('[1]');
    };

    const blob = await bundle.client().blob('ref');

    expect(blob.contentType).to.equal('application/json');
    expect(Buffer.from(blob.bytes).toString()).to.equal('[1]');
  });

  for (const [baseUrl, root] of [
    ['http://h:1', 'http://h:1/api/v1'],
    ['http://h:1/', 'http://h:1/api/v1'],
    ['https://h/api/v1/', 'https://h/api/v1'],
    ['https://h/below', 'https://h/below/api/v1'],
  ] as const) {
    it(`takes ${baseUrl} as ${root}`, () => {
      expect(createClient({ baseUrl }).root).to.equal(root);
    });
  }

  for (const baseUrl of ['', 'localhost:8080', 'ftp://x', 'http://user:pw@h', '/api']) {
    it(`refuses the address "${baseUrl}"`, () => {
      expect(() => createClient({ baseUrl })).to.throw(TypeError);
    });
  }
});

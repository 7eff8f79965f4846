import { randomBytes } from 'node:crypto';
import { definition, type JsonObject } from '@millrace/contracts';
import { createApiDatabase, createKeyring } from '@millrace/persistence';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { type Engine, startEngine } from '../../support/engine.js';
import { fencesOf, readDocument, sectionOf } from '../../support/markdown.js';
import { at, expectSound, only, outputOf } from './support/events.js';
import { sendJson, startTarget, type Target } from './support/target.js';

type Node = Parameters<Engine['createWorkflow']>[0]['nodes'][number];

const SECRETS = { shop: 'shop-token-1234', reports: 'reports-secret-1234', files: 'files-password-1234' };

describe('http_request in a workflow', () => {
  let engine: Engine;
  let target: Target;
  before(async () => {
    const keyring = createKeyring({ key: randomBytes(32) });
    engine = await startEngine({ keyring });
    target = await startTarget();
    const api = createApiDatabase({ databaseUrl: engine.database.url, applicationName: 'test-api' });
    await api.start();
    await api.asCaller({ userId: engine.owner.id, admin: false }, async ({ secrets }) => {
      for (const [name, value] of Object.entries(SECRETS)) {
        await secrets.put(keyring, { ownerId: engine.owner.id, name, value });
      }
    });
    await api.stop();
    await engine.startWorker({ allow: [target.address] });
    await engine.startScheduler();
  });
  after(async () => {
    await engine.stop();
    await target.stop();
  });

  async function run(
    graph: Parameters<Engine['createWorkflow']>[0],
    parameters: JsonObject = { api: target.url },
  ) {
    const executionId = await engine.submit(await engine.createWorkflow(graph), parameters);
    const events = await engine.finished(executionId);
    expectSound(events);
    return events;
  }

  const step = (id: string, config: JsonObject): Node => ({
    id,
    type: 'http_request',
    data: { config },
  });

  it('reads all pages, with expressions over each of them and over the workflow', async () => {
    target.on('/rows', ({ path }, response) => {
      const after = Number(new URL(path, target.url).searchParams.get('after') ?? 0);
      const rows = [1, 2, 3].map((offset) => ({ id: after + offset, shop: (after + offset) % 2 }));
      sendJson(response, 200, { rows, more: after < 6 });
    });

    const events = await run({
      nodes: [
        { id: 'which', type: 'set', data: { config: { values: { shop: 1 } } } },
        step('rows', {
          url: '{{ parameters.api }}/rows',
          pagination: {
            type: 'cursor',
            cursor: 'body.more ? body.rows[-1].id',
            parameter: 'after',
            items: 'body.rows[shop = $$.steps.which.output.shop].id',
          },
        }),
      ],
      edges: [{ source: 'which', target: 'rows' }],
    });

    const output = outputOf(events, 'rows');
    expect(output).to.deep.include({ status: 200, body: [1, 3, 5, 7, 9], pages: 3, complete: true });
  });

  it('sends on what an earlier step has downloaded', async () => {
    target.on('/picture', (_call, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0x89, 0x50, 0, 0xff]));
    });

    await run({
      nodes: [
        step('picture', { url: '{{ parameters.api }}/picture' }),
        step('raw', {
          method: 'PUT',
          url: '{{ parameters.api }}/raw',
          body_type: 'bytes',
          body: '=steps.picture.output.body',
        }),
        step('form', {
          method: 'POST',
          url: '{{ parameters.api }}/form',
          body_type: 'multipart',
          body: { file: '=steps.picture.output.body' },
        }),
      ],
      edges: [
        { source: 'picture', target: 'raw' },
        { source: 'picture', target: 'form' },
      ],
    });

    const bytes = Buffer.from([0x89, 0x50, 0, 0xff]).toString();
    expect(target.callsTo('/raw')[0]?.body).to.equal(bytes);
    expect(target.callsTo('/form')[0]?.body).to.contain(`Content-Type: image/png\r\n\r\n${bytes}\r\n`);
  });

  describe('the examples of its document', () => {
    // Between the workflows stand what they are given and what they yield.
    const [order, report] = fencesOf(
      sectionOf(readDocument('docs/steps/http_request.md'), 'Example'),
    ).flatMap(({ content }) => definition.safeParse(parseYaml(content)).data ?? []);

    it('place an order, and take the edge of errors when that fails', async () => {
      if (order === undefined) throw new Error('no example');
      let status = 201;
      target.on('/orders', (_call, response) => {
        response.setHeader('retry-after', '7');
        sendJson(response, status, { detail: 'sold out' });
      });
      const parameters = { api: target.url, order_id: 'o-1', lines: [{ sku: 'a', count: 2 }] };

      const placed = await run(order, parameters);
      status = 404;
      const failed = await run(order, parameters);

      expect(at(only(placed, 'step_completed', 'order'), 'output', 'status')).to.equal(201);
      expect(target.callsTo('/orders')[0]?.body).to.equal('{"id":"o-1","lines":[{"sku":"a","count":2}]}');
      expect(outputOf(failed, 'note_failure')).to.deep.equal({
        why: 'The server answered 404: sold out',
        again_in: 7,
      });
    });

    it('read all issues with a token and upload them as a file', async () => {
      if (report === undefined) throw new Error('no example');
      const authorizations: (string | undefined)[] = [];
      target.on('/oauth/token', (_call, response) => {
        authorizations.push(response.req.headers.authorization);
        sendJson(response, 200, { access_token: 'issued-token', token_type: 'Bearer', expires_in: 3600 });
      });
      target.on('/issues', ({ path }, response) => {
        authorizations.push(response.req.headers.authorization);
        const second = path.includes('after=');
        sendJson(response, 200, { issues: [{ id: second ? 2 : 1 }], next: second ? null : 'c1' });
      });
      target.on('/reports', (_call, response) => {
        authorizations.push(response.req.headers.authorization);
        sendJson(response, 201, {});
      });

      const events = await run(report);

      expect(outputOf(events, 'issues')).to.deep.include({ body: [{ id: 1 }, { id: 2 }], pages: 2 });
      expect(authorizations).to.deep.equal([
        `Basic ${Buffer.from(`reports:${SECRETS.reports}`).toString('base64')}`,
        'Bearer issued-token',
        'Bearer issued-token',
        `Basic ${Buffer.from(`reports:${SECRETS.files}`).toString('base64')}`,
      ]);
      const uploaded = target.callsTo('/reports')[0]?.body;
      expect(uploaded).to.contain('2 open issues').and.contain('[{"id":1},{"id":2}]');
      expect(uploaded).to.contain('filename="issues.json"');
      expect(JSON.stringify(events)).not.to.contain('issued-token');
      for (const value of Object.values(SECRETS)) expect(JSON.stringify(events)).not.to.contain(value);
    });
  });
});

import { randomBytes } from 'node:crypto';
import { createGuardedHttp, type GuardedHttp, type GuardedHttpOptions } from '@millrace/outbound';
import { createKeyring } from '@millrace/persistence';
import { createCallbackDeliverer, createCallbackMetrics, type DelivererOptions } from '@millrace/scheduler';
import { createMetrics, type Lifecycle, signingKey, signStandardWebhook } from '@millrace/service-kit';
import { expect } from 'chai';
import { type Engine, silentLog, startEngine } from '../../support/engine.js';
import type { Answer, Json } from '../../support/http.js';
import { eventually } from '../../support/poll.js';
import { type Account, expectStatus, type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { type ReceivedRequest, type Receiver, startReceiver } from '../../support/receiver.js';

const LONG = {
  name: 'Long',
  nodes: [{ id: 'wait', type: 'delay', data: { config: { seconds: 3_600 } } }],
};
const FAILS = {
  name: 'Fails',
  nodes: [{ id: 'break', type: 'transform', data: { config: { expression: '$error("broken")' } } }],
};

describe('completion callbacks', () => {
  const secretsKey = randomBytes(32);
  const keyring = createKeyring({ key: secretsKey });
  let gateway: GatewayUnderTest;
  let engine: Engine;
  let receiver: Receiver;
  let author: Account;
  let workflow: string;
  let endings: (() => Promise<void>)[] = [];
  let paths = 0;

  before(async () => {
    const env = { SECRETS_KEY: secretsKey.toString('base64'), OUTBOUND_ALLOW: '127.0.0.1' };
    gateway = await startGateway({ env });
    engine = await startEngine({ database: gateway.database });
    await engine.startWorker();
    receiver = await startReceiver();
    author = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write', 'workflow:execute'] });
    workflow = await gateway.createWorkflow({ owner: author.username });
  });
  after(async () => {
    await receiver.stop();
    await engine.stop();
    await gateway.stop();
  });
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
    endings = [];
  });

  const asAuthor = (method: string, path: string, json?: object): Promise<Answer> =>
    gateway.request(method, path, { token: author.token, ...(json && { json }) });

  /** An address of the receiver that nobody else uses. */
  function address(): { path: string; url: string } {
    paths += 1;
    const path = `/receive/${paths}`;
    return { path, url: receiver.url + path };
  }

  async function startDeliverer(
    options: Partial<DelivererOptions> = {},
    http: GuardedHttpOptions = { allow: ['127.0.0.1'] },
  ): Promise<Lifecycle> {
    const metrics = createMetrics('scheduler');
    const guarded: GuardedHttp = createGuardedHttp(http);
    const deliverer = createCallbackDeliverer({
      ...{ db: engine.pool, keyring, http: guarded, log: silentLog },
      retry: { attempts: 3, firstDelaySeconds: 0.01 },
      timeoutMs: 5_000,
      concurrency: 16,
      metrics: createCallbackMetrics(metrics),
      ...options,
    });
    await deliverer.start();
    endings.push(async () => {
      await deliverer.stop();
      await guarded.close();
      metrics.stop();
    });
    return deliverer;
  }

  async function execute(body: object, workflowId = workflow): Promise<string> {
    const answer = await asAuthor('POST', `/workflows/${workflowId}/execute`, body);
    return expectStatus(answer, 202).body.text('execution_id');
  }

  const callbackOf = async (id: string): Promise<Json> =>
    expectStatus(await asAuthor('GET', `/callbacks/${id}`), 200).body;

  const settled = (id: string, status: string): Promise<Json> =>
    eventually(async () => {
      const callback = await callbackOf(id);
      if (callback.at('status') !== status) throw new Error(JSON.stringify(callback.value));
      return callback;
    });

  function signatureOf(request: ReceivedRequest, secret: string): string {
    const key = signingKey(secret) ?? Buffer.from(secret);
    const id = String(request.headers['webhook-id']);
    const timestamp = String(request.headers['webhook-timestamp']);
    return signStandardWebhook(key, { id, timestamp, body: request.body });
  }

  const signingSecret = async (workflowId = workflow): Promise<string> =>
    (await asAuthor('GET', `/workflows/${workflowId}/callback/secret`)).body.text('secret');

  describe('are made', () => {
    it('with the execution, signed with the secret of the workflow', async () => {
      await startDeliverer();
      const { path, url } = address();
      const headers = { Authorization: 'Bearer of-the-receiver', 'X-Tenant': 'north' };
      const id = await execute({ callback: { url, headers } });
      const callback = await settled(id, 'delivered');
      const [request, ...more] = receiver.at(path);
      const body = JSON.parse(request?.body ?? '') as Record<string, unknown>;
      const execution = await asAuthor('GET', `/executions/${id}`);

      expect(more).to.deep.equal([]);
      expect(request?.method).to.equal('POST');
      expect(request?.headers).to.include({
        'content-type': 'application/json',
        'webhook-id': id,
        authorization: 'Bearer of-the-receiver',
        'x-tenant': 'north',
      });
      expect(body).to.deep.equal({
        type: 'execution.completed',
        timestamp: execution.body.at('completed_at'),
        data: execution.body.value,
      });
      expect(request?.headers['webhook-signature']).to.equal(
        request && signatureOf(request, await signingSecret()),
      );
      expect([callback.at('attempts'), callback.at('last_status'), callback.at('last_error')]).to.deep.equal([
        1,
        204,
        null,
      ]);
      expect(callback.at('header_names')).to.deep.equal(['Authorization', 'X-Tenant']);
      const { rows } = await engine.pool.query<{ target: string }>(
        'SELECT target::text AS target FROM callbacks WHERE execution_id = $1',
        [id.slice('exec_'.length)],
      );
      expect(rows[0]?.target).not.to.include('of-the-receiver');
    });

    it('again until the receiver has it, with the same id and body', async () => {
      await startDeliverer();
      const { path, url } = address();
      receiver.answer(path, (response, calls) => {
        response.writeHead(calls < 3 ? 503 : 200).end(calls < 3 ? 'not now' : 'thanks');
      });
      const callback = await settled(await execute({ callback: { url } }), 'delivered');
      const requests = receiver.at(path);

      expect([callback.at('attempts'), requests.length]).to.deep.equal([3, 3]);
      expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
      expect(new Set(requests.map(({ body }) => body)).size).to.equal(1);
    });

    it('not more often than is allowed, and then listed with the last answer', async () => {
      await startDeliverer();
      const { path, url } = address();
      receiver.answer(path, (response) => response.writeHead(500).end('our mistake'));
      const id = await execute({ callback: { url } });
      const callback = await settled(id, 'failed');
      const listed = await asAuthor('GET', `/callbacks?status=failed&workflow=${workflow}`);

      expect(receiver.at(path)).to.have.length(3);
      expect([callback.at('attempts'), callback.at('last_status')]).to.deep.equal([3, 500]);
      expect(callback.at('last_error')).to.equal('the receiver answered 500: our mistake');
      expect(listed.body.list().map((one) => one.at('execution_id'))).to.include(id);
    });

    it('again when somebody asks for it', async () => {
      await startDeliverer();
      const { path, url } = address();
      receiver.answer(path, (response) => response.writeHead(410).end());
      const id = await execute({ callback: { url } });
      await settled(id, 'failed');
      receiver.answer(path, (response) => response.writeHead(200).end());
      const asked = await asAuthor('POST', `/callbacks/${id}/redeliver`);
      const callback = await settled(id, 'delivered');

      expect([asked.status, callback.at('attempts')]).to.deep.equal([202, 1]);
      const [first, second] = receiver.at(path);
      expect(second?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
      expect(second?.body).to.equal(first?.body);
    });

    it('of executions that fail and that are cancelled before they began, where that was asked for', async () => {
      await startDeliverer();
      const failing = await gateway.createWorkflow({ owner: author.username, definition: FAILS });
      const long = await gateway.createWorkflow({ owner: author.username, definition: LONG });
      const [one, two, three] = [address(), address(), address()];
      const failed = await execute({ callback: { url: one.url, events: ['failed'] } }, failing);
      const completed = await execute({ callback: { url: two.url, events: ['failed', 'cancelled'] } });
      const cancelled = await execute({ callback: { url: three.url } }, long);
      await asAuthor('POST', `/executions/${cancelled}/cancel`, {});

      await settled(failed, 'delivered');
      await settled(cancelled, 'delivered');
      await settled(completed, 'skipped');
      const typeAt = (path: string) =>
        receiver.at(path).map(({ body }) => (JSON.parse(body) as { type: string }).type);
      expect(typeAt(one.path)).to.deep.equal(['execution.failed']);
      expect(typeAt(two.path)).to.deep.equal([]);
      expect(typeAt(three.path)).to.deep.equal(['execution.cancelled']);
    });

    it('for each of a batch', async () => {
      await startDeliverer();
      const { path, url } = address();
      const answer = await asAuthor('POST', `/workflows/${workflow}/execute/batch`, {
        items: [{}, {}, { idempotency_key: 'third' }],
        callback: { url },
      });
      const ids = answer.body.list('executions').map((one) => one.text('execution_id'));
      for (const id of ids) await settled(id, 'delivered');
      expect(receiver.at(path).map(({ headers }) => headers['webhook-id'])).to.have.members(ids);
    });
  });

  describe('stop', () => {
    it('at once when the receiver says 410', async () => {
      await startDeliverer();
      const { path, url } = address();
      receiver.answer(path, (response) => response.writeHead(410).end());
      const callback = await settled(await execute({ callback: { url } }), 'failed');
      expect([callback.at('attempts'), callback.at('last_status'), receiver.at(path).length]).to.deep.equal([
        1, 410, 1,
      ]);
    });

    it('without following a redirect', async () => {
      await startDeliverer();
      const { path, url } = address();
      const inside = address();
      receiver.answer(path, (response) => response.writeHead(307, { Location: inside.url }).end());
      const callback = await settled(await execute({ callback: { url } }), 'failed');
      expect(callback.at('last_error')).to.include('redirects are not followed');
      expect(receiver.at(inside.path)).to.deep.equal([]);
    });

    it('at a name that turns out to be inside', async () => {
      const resolve = () => Promise.resolve([{ address: '10.0.0.7', family: 4 }]);
      await startDeliverer({}, { resolve });
      const callback = await settled(
        await execute({ callback: { url: 'http://receiver.example/hook' } }),
        'failed',
      );
      expect([callback.at('attempts'), callback.at('last_status')]).to.deep.equal([1, null]);
      expect(callback.at('last_error')).to.include('10.0.0.7');
    });
  });

  describe('wait', () => {
    it('as long as the receiver asks', async () => {
      await startDeliverer();
      const { path, url } = address();
      receiver.answer(path, (response) => response.writeHead(429, { 'Retry-After': '600' }).end());
      const id = await execute({ callback: { url } });
      const callback = await eventually(async () => {
        const found = await callbackOf(id);
        expect(found.at('last_status')).to.equal(429);
        return found;
      });
      const due = Date.parse(callback.text('next_attempt_at'));
      expect(callback.at('status')).to.equal('pending');
      expect(due - Date.parse(callback.text('last_attempt_at'))).to.be.within(599_000, 660_000);
    });

    it('for no answer longer than they may, and try again', async () => {
      await startDeliverer({ timeoutMs: 200 });
      const { path, url } = address();
      receiver.answer(path, (response, calls) => {
        if (calls > 1) response.writeHead(200).end();
      });
      const callback = await settled(await execute({ callback: { url } }), 'delivered');
      expect(callback.at('attempts')).to.equal(2);
    });

    it('until the execution ends', async () => {
      await startDeliverer();
      const long = await gateway.createWorkflow({ owner: author.username, definition: LONG });
      const id = await execute({ callback: { url: address().url } }, long);
      const asked = await asAuthor('POST', `/callbacks/${id}/redeliver`);
      const waiting = await asAuthor('GET', `/callbacks?status=waiting&workflow=${long}`);
      expect(asked.status).to.equal(409);
      expect(waiting.body.list().map((one) => one.at('execution_id'))).to.deep.equal([id]);
      await asAuthor('POST', `/executions/${id}/cancel`, {});
    });
  });

  it('reach one receiver while another one hangs', async () => {
    await startDeliverer({ concurrency: 8, timeoutMs: 60_000 });
    const hanging = await startReceiver();
    hanging.answer('/', () => undefined);
    for (let count = 0; count < 12; count += 1) await execute({ callback: { url: `${hanging.url}/` } });
    await eventually(() => expect(hanging.requests).to.have.length(4));

    await settled(await execute({ callback: { url: address().url } }), 'delivered');

    expect(hanging.requests).to.have.length(4);
    await engine.pool.query('DELETE FROM callbacks WHERE host = $1', [new URL(hanging.url).host]);
    await hanging.stop();
  });

  it('come once from several schedulers', async () => {
    await Promise.all([startDeliverer(), startDeliverer(), startDeliverer()]);
    const { path, url } = address();
    const answer = await asAuthor('POST', `/workflows/${workflow}/execute/batch`, {
      items: Array.from({ length: 60 }, () => ({})),
      callback: { url },
    });
    const ids = answer.body.list('executions').map((one) => one.text('execution_id'));
    for (const id of ids) await settled(id, 'delivered');
    expect(receiver.at(path).map(({ headers }) => headers['webhook-id'])).to.have.members(ids);
  });

  it('come again when the scheduler that had them died', async () => {
    const { path, url } = address();
    const id = await execute({ callback: { url } });
    const uuid = id.slice('exec_'.length);
    await eventually(async () => expect((await callbackOf(id)).at('status')).to.equal('pending'));
    await engine.pool.query(
      `UPDATE callbacks SET claim = claim + 1, attempts = 1, next_attempt_at = now() + interval '1 hour'
       WHERE execution_id = $1`,
      [uuid],
    );
    await startDeliverer();
    expect(receiver.at(path)).to.deep.equal([]);
    await engine.pool.query('UPDATE callbacks SET next_attempt_at = now() WHERE execution_id = $1', [uuid]);
    expect((await settled(id, 'delivered')).at('attempts')).to.equal(2);
  });

  it('are handed back when a scheduler stops in the middle', async () => {
    const first = await startDeliverer({ timeoutMs: 60_000 });
    const { path, url } = address();
    receiver.answer(path, (response, calls) => {
      if (calls > 1) response.writeHead(200).end();
    });
    const id = await execute({ callback: { url } });
    await eventually(() => expect(receiver.at(path)).to.have.length(1));
    await first.stop();
    const between = await callbackOf(id);
    await startDeliverer();

    expect([between.at('status'), between.at('last_error')]).to.deep.equal([
      'pending',
      'the scheduler stopped meanwhile',
    ]);
    expect((await settled(id, 'delivered')).at('attempts')).to.equal(2);
  });

  describe('of a workflow', () => {
    it('tell of every execution that names no other, through webhooks too', async () => {
      await startDeliverer();
      const own = await gateway.createWorkflow({ owner: author.username });
      const [standard, named] = [address(), address()];
      const put = await asAuthor('PUT', `/workflows/${own}/callback`, { url: standard.url });
      const hook = await asAuthor('POST', `/workflows/${own}/webhooks`, {});
      const plain = await execute({}, own);
      const other = await execute({ callback: { url: named.url } }, own);
      const none = await execute({ callback: null }, own);
      const hooked = (await gateway.request('POST', `/hooks/${hook.body.text('path')}`)).body.text(
        'execution_id',
      );

      for (const id of [plain, other, hooked]) await settled(id, 'delivered');
      expect([put.status, put.body.at('url'), put.body.at('secret')]).to.deep.equal([
        200,
        standard.url,
        null,
      ]);
      const idsAt = (path: string) => receiver.at(path).map(({ headers }) => headers['webhook-id']);
      expect(idsAt(standard.path)).to.have.members([plain, hooked]);
      expect(idsAt(named.path)).to.deep.equal([other]);
      expect((await asAuthor('GET', `/callbacks/${none}`)).status).to.equal(404);

      expect((await asAuthor('DELETE', `/workflows/${own}/callback`)).status).to.equal(204);
      expect((await asAuthor('GET', `/workflows/${own}/callback`)).status).to.equal(404);
      expect((await asAuthor('GET', `/callbacks/${await execute({}, own)}`)).status).to.equal(404);
    });

    it('are signed with the old secret too for a while after a new one', async () => {
      await startDeliverer();
      const own = await gateway.createWorkflow({ owner: author.username });
      const before = await signingSecret(own);
      const rotated = await asAuthor('POST', `/workflows/${own}/callback/secret`, {
        keep_previous_seconds: 60,
      });
      const { path, url } = address();
      await settled(await execute({ callback: { url } }, own), 'delivered');
      const [request] = receiver.at(path);
      if (!request) throw new Error('nothing was received');

      expect(await signingSecret(own))
        .to.equal(rotated.body.at('secret'))
        .and.not.equal(before);
      expect(rotated.body.at('previous_secret_until')).to.be.a('string');
      expect(String(request.headers['webhook-signature']).split(' ')).to.deep.equal([
        signatureOf(request, rotated.body.text('secret')),
        signatureOf(request, before),
      ]);
    });

    it('may be signed with a named secret of the owner', async () => {
      await startDeliverer();
      const { path, url } = address();
      const stored = await asAuthor('PUT', '/secrets/receiver', { value: 'known to both of us' });
      await settled(await execute({ callback: { url, secret: 'receiver' } }), 'delivered');
      const [request] = receiver.at(path);
      const unknown = await asAuthor('POST', `/workflows/${workflow}/execute`, {
        callback: { url, secret: 'nobody_has_this' },
      });

      expect(stored.status).to.be.oneOf([200, 201]);
      expect(request?.headers['webhook-signature']).to.equal(
        request && signatureOf(request, 'known to both of us'),
      );
      expect([unknown.status, unknown.body.at('errors', 0, 'loc')]).to.deep.equal([
        422,
        ['body', 'callback', 'secret'],
      ]);
    });
  });

  describe('are refused at submit', () => {
    for (const [what, callback, loc] of [
      ['an address inside', { url: 'http://10.1.2.3/hook' }, 'url'],
      ['the metadata service', { url: 'http://169.254.169.254/latest/meta-data' }, 'url'],
      ['an address inside in IPv6', { url: 'http://[fd00::1]/' }, 'url'],
      ['this machine in IPv6', { url: 'http://[::ffff:127.0.0.2]/' }, 'url'],
      ['a number for an address', { url: 'http://2130706434/' }, 'url'],
      ['a password in the address', { url: 'https://ada:secret@example.com/' }, 'url'],
      ['another protocol', { url: 'ftp://example.com/' }, 'url'],
      ['no address', { url: 'example.com' }, 'url'],
      [
        'a header of the delivery',
        { url: 'https://example.com/', headers: { 'Webhook-Id': 'x' } },
        'headers.Webhook-Id',
      ],
      ['a header of the connection', { url: 'https://example.com/', headers: { Host: 'x' } }, 'headers.Host'],
      [
        'a header with a line break',
        { url: 'https://example.com/', headers: { 'X-A': 'x\r\nY: z' } },
        'headers.X-A',
      ],
      ['an end nobody knows', { url: 'https://example.com/', events: ['started'] }, 'events.0'],
    ] as const) {
      it(what, async () => {
        const single = await asAuthor('POST', `/workflows/${workflow}/execute`, { callback });
        const batch = await asAuthor('POST', `/workflows/${workflow}/execute/batch`, {
          items: [{}],
          callback,
        });
        const standard = await asAuthor('PUT', `/workflows/${workflow}/callback`, callback);
        const found = [single, batch, standard].map(({ status, body }) => [
          status,
          (body.at('errors', 0, 'loc') as string[]).join('.'),
        ]);
        expect(found).to.deep.equal([
          [422, `body.callback.${loc}`],
          [422, `body.callback.${loc}`],
          [422, `body.${loc}`],
        ]);
      });
    }
  });

  it('belong to the owner of the workflow: others neither see nor change them', async () => {
    const id = await execute({ callback: { url: address().url } });
    const other = await gateway.createUser({
      scopes: ['workflow:read', 'workflow:write', 'workflow:execute'],
    });
    const answerTo = async (who: Account, method: string, path: string, json?: object) =>
      (await gateway.request(method, path, { token: who.token, ...(json && { json }) })).status;

    for (const [method, path, json] of [
      ['GET', `/callbacks/${id}`, undefined],
      ['POST', `/callbacks/${id}/redeliver`, undefined],
      ['GET', `/callbacks?workflow=${workflow}`, undefined],
      ['GET', `/workflows/${workflow}/callback`, undefined],
      ['PUT', `/workflows/${workflow}/callback`, { url: 'https://example.com/' }],
      ['DELETE', `/workflows/${workflow}/callback`, undefined],
      ['GET', `/workflows/${workflow}/callback/secret`, undefined],
      ['POST', `/workflows/${workflow}/callback/secret`, {}],
    ] as const) {
      expect(await answerTo(other, method, path, json), `${method} ${path}`).to.equal(403);
    }
    const seen = await gateway.request('GET', '/callbacks', { token: other.token });
    expect(seen.body.list()).to.deep.equal([]);
    expect(await answerTo(gateway.user, 'GET', `/workflows/${workflow}/callback/secret`)).to.equal(403);
    expect(await answerTo(gateway.admin, 'GET', `/callbacks/${id}`)).to.equal(200);
    expect(await answerTo(author, 'GET', '/callbacks/exec_nonsense')).to.equal(404);
    expect(await answerTo(author, 'GET', '/workflows/nothing_here/callback')).to.equal(404);
  });

  it('go with the workflow to its new owner', async () => {
    const own = await gateway.createWorkflow({ owner: author.username });
    const id = await execute({ callback: { url: address().url } }, own);
    const heir = await gateway.createUser();
    const given = await gateway.request('PATCH', `/workflows/${own}`, {
      token: gateway.admin.token,
      json: { owner: heir.username },
    });
    const seen = await gateway.request('GET', '/callbacks', { token: heir.token });

    expect(given.status).to.equal(200);
    expect(seen.body.list().map((one) => one.at('execution_id'))).to.deep.equal([id]);
    expect((await asAuthor('GET', `/callbacks/${id}`)).status).to.equal(403);
  });

  it('are forgotten a month after they were settled', async () => {
    await startDeliverer();
    const [old, recent] = [
      await execute({ callback: { url: address().url } }),
      await execute({ callback: { url: address().url } }),
    ];
    for (const id of [old, recent]) await settled(id, 'delivered');
    await engine.pool.query(
      `UPDATE callbacks SET last_attempt_at = now() - interval '31 days' WHERE execution_id = $1`,
      [old.slice('exec_'.length)],
    );
    await engine.runtime.sweeps.deleteSettledCallbacks();
    expect((await asAuthor('GET', `/callbacks/${old}`)).status).to.equal(404);
    expect((await asAuthor('GET', `/callbacks/${recent}`)).status).to.equal(200);
  });
});

import { createHmac, randomBytes } from 'node:crypto';
import { signingKey, signStandardWebhook } from '@millrace/service-kit';
import { expect } from 'chai';
import { type Engine, startEngine } from '../../support/engine.js';
import type { Answer, Json, RequestOptions } from '../../support/http.js';
import { eventually } from '../../support/poll.js';
import { type Account, expectStatus, type GatewayUnderTest, startGateway } from '../../support/platform.js';

const ECHO = {
  name: 'Echo',
  nodes: [{ id: 'echo', type: 'set', data: { config: { values: { got: '=parameters' } } } }],
};
const FAILS = {
  name: 'Fails',
  nodes: [{ id: 'break', type: 'transform', data: { config: { expression: '$error("with internals")' } } }],
};

describe('webhooks', () => {
  let gateway: GatewayUnderTest;
  let engine: Engine;
  let author: Account;
  let workflow: string;

  before(async () => {
    gateway = await startGateway({ env: { SECRETS_KEY: randomBytes(32).toString('base64') } });
    engine = await startEngine({ database: gateway.database });
    await engine.startWorker();
    author = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write', 'workflow:execute'] });
    workflow = await gateway.createWorkflow({ owner: author.username, definition: ECHO });
  });
  after(async () => {
    await engine.stop();
    await gateway.stop();
  });

  const asAuthor = (method: string, path: string, json?: object): Promise<Answer> =>
    gateway.request(method, path, { token: author.token, ...(json && { json }) });

  async function create(body: object = {}, workflowId = workflow): Promise<Json> {
    return expectStatus(await asAuthor('POST', `/workflows/${workflowId}/webhooks`, body), 201).body;
  }

  const knock = (hook: Json, options: RequestOptions = {}, method = 'POST'): Promise<Answer> =>
    gateway.request(method, `/hooks/${hook.text('path')}`, options);

  async function parametersOf(answer: Answer): Promise<Json> {
    const { body } = await asAuthor('GET', `/executions/${answer.body.text('execution_id')}`);
    return body;
  }

  const deliveriesOf = (hook: Json): Promise<Json[]> =>
    asAuthor('GET', `/webhooks/${hook.text('id')}/deliveries`).then(({ body }) => body.list());

  const signed = (secret: string, body: string): RequestOptions => ({
    body,
    headers: {
      'content-type': 'application/json',
      'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  });

  describe('are managed', () => {
    it('with a random path, and read, changed, listed and deleted', async () => {
      const hook = await create({ name: 'First' });
      expect(hook.text('path')).to.match(/^[A-Za-z0-9_-]{22}$/);
      expect(hook.text('url')).to.equal(`/hooks/${hook.text('path')}`);
      expect(hook.at('secret')).to.equal(undefined);

      const changed = await asAuthor('PATCH', `/webhooks/${hook.text('id')}`, {
        name: 'Second',
        enabled: false,
      });
      expect([changed.status, changed.body.at('name'), changed.body.at('enabled')]).to.deep.equal([
        200,
        'Second',
        false,
      ]);
      const listed = await asAuthor('GET', `/workflows/${workflow}/webhooks`);
      expect(listed.body.list().map((one) => one.at('id'))).to.include(hook.at('id'));
      expect((await asAuthor('DELETE', `/webhooks/${hook.text('id')}`)).status).to.equal(204);
      expect((await asAuthor('GET', `/webhooks/${hook.text('id')}`)).status).to.equal(404);
    });

    it('with a path of one’s own, which nobody else gets', async () => {
      await create({ path: 'orders-of-the-shop' });
      const again = await asAuthor('POST', `/workflows/${workflow}/webhooks`, { path: 'orders-of-the-shop' });
      expect([again.status, again.body.at('detail')]).to.deep.equal([
        409,
        'The path orders-of-the-shop is taken; choose another one, or leave it out for a random one',
      ]);
      const other = await create();
      const moved = await asAuthor('PATCH', `/webhooks/${other.text('id')}`, { path: 'orders-of-the-shop' });
      expect(moved.status).to.equal(409);
    });

    it('with a secret that is shown once and stored encrypted', async () => {
      const made = await create({ signature: { type: 'github' } });
      const read = await asAuthor('GET', `/webhooks/${made.text('id')}`);
      const { rows } = await engine.pool.query<{ secret: string }>(
        'SELECT secret FROM webhooks WHERE id = $1',
        [made.text('id')],
      );

      expect(made.text('secret')).to.have.length.greaterThan(40);
      expect(read.body.at('secret')).to.equal(undefined);
      expect(read.body.at('has_secret')).to.equal(true);
      expect(rows[0]?.secret).to.be.a('string').and.not.include(made.text('secret'));
      const given = await create({ signature: { type: 'github' }, secret: 'chosen by hand' });
      expect(given.at('secret')).to.equal(undefined);
    });

    it('with another signature later, which gets a secret where there is none, or one of its own kind', async () => {
      const hook = await create();
      const path = `/webhooks/${hook.text('id')}`;
      const signed = await asAuthor('PATCH', path, { signature: { type: 'github' } });
      const kept = await asAuthor('PATCH', path, { signature: { type: 'slack' } });
      const refused = await asAuthor('PATCH', path, { signature: { type: 'standard_webhooks' } });
      const standard = await asAuthor('PATCH', path, {
        signature: { type: 'standard_webhooks' },
        rotate_secret: true,
      });

      expect(signed.body.at('secret')).to.be.a('string');
      expect([kept.status, kept.body.at('secret')]).to.deep.equal([200, undefined]);
      expect([refused.status, refused.body.at('errors', 0, 'loc')]).to.deep.equal([422, ['body', 'secret']]);
      expect(standard.body.at('secret')).to.match(/^whsec_/);
    });

    for (const [what, body, loc] of [
      ['a mapping that does not parse', { mapping: 'body.(' }, 'body.mapping'],
      ['a mapping with a secret', { mapping: { a: '=$secret("x")' } }, 'body.mapping.a'],
      ['a secret nobody signs with', { secret: 'long enough' }, 'body.secret'],
      [
        'a secret that is no key',
        { signature: { type: 'standard_webhooks' }, secret: 'not a key!' },
        'body.secret',
      ],
      ['a path with a slash', { path: 'a/b/c' }, 'body.path'],
      ['a signature without its header', { signature: { type: 'hmac_sha256' } }, 'body.signature.header'],
      [
        'a wait beyond a minute',
        { response: { mode: 'result', timeout_seconds: 61 } },
        'body.response.timeout_seconds',
      ],
      ['a field nobody knows', { colour: 'red' }, 'body'],
    ] as const) {
      it(`not with ${what}`, async () => {
        const answer = await asAuthor('POST', `/workflows/${workflow}/webhooks`, body);
        expect(answer.status, answer.text).to.equal(422);
        expect((answer.body.at('errors', 0, 'loc') as string[]).join('.')).to.equal(loc);
      });
    }

    it('by holders of workflow:write, of their own workflows only', async () => {
      const hook = await create();
      const foreign = await gateway.createWorkflow({ definition: ECHO });
      const id = hook.text('id');
      const other = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write'] });
      const answerTo = async (who: Account, method: string, path: string, json?: object) =>
        (await gateway.request(method, path, { token: who.token, ...(json && { json }) })).status;

      expect(await answerTo(author, 'POST', `/workflows/${foreign}/webhooks`, {})).to.equal(403);
      expect(await answerTo(author, 'POST', '/workflows/nothing_here/webhooks', {})).to.equal(404);
      expect(await answerTo(gateway.user, 'POST', `/workflows/${workflow}/webhooks`, {})).to.equal(403);
      for (const [method, path, json] of [
        ['GET', `/webhooks/${id}`, undefined],
        ['PATCH', `/webhooks/${id}`, { enabled: false }],
        ['DELETE', `/webhooks/${id}`, undefined],
        ['GET', `/webhooks/${id}/deliveries`, undefined],
      ] as const) {
        expect(await answerTo(other, method, path, json), `${method} ${path}`).to.equal(403);
      }
      expect(await answerTo(gateway.admin, 'GET', `/webhooks/${id}`)).to.equal(200);
      expect(await answerTo(author, 'GET', '/webhooks/not-an-id')).to.equal(404);
    });
  });

  describe('start executions', () => {
    it('with body, headers and query, as the owner of the workflow', async () => {
      const hook = await create();
      const answer = await gateway.request('POST', `//hooks/${hook.text('path')}?page=1&page=2&q=x`, {
        json: { id: 7 },
        headers: { 'X-Shop': 'north', Cookie: 'session=secret', Authorization: 'Basic c2VjcmV0' },
      });
      const execution = await parametersOf(answer);

      expect([answer.status, answer.body.at('status')]).to.deep.equal([202, 'queued']);
      expect(answer.headers.get('location')).to.equal(
        `/api/v1/executions/${answer.body.text('execution_id')}`,
      );
      expect(execution.at('submitted_by')).to.equal(author.username);
      expect(execution.at('parameters', 'body')).to.deep.equal({ id: 7 });
      expect(execution.at('parameters', 'query')).to.deep.equal({ page: ['1', '2'], q: 'x' });
      expect(execution.at('parameters', 'headers', 'x-shop')).to.equal('north');
      expect(execution.at('parameters', 'headers')).not.to.have.any.keys('cookie', 'authorization', 'host');
      const events = await asAuthor('GET', `/executions/${answer.body.text('execution_id')}/events`);
      expect(events.body.at(0, 'data', 'webhook_id')).to.equal(hook.at('id'));
    });

    it('with what the mapping makes, of plain paths and of functions', async () => {
      const template = await create({
        mapping: { id: '=body.order.id', words: 'from {{ headers.`x-shop` }}' },
      });
      const expression = await create({ mapping: '{"total": $sum(body.lines.price), "how": method}' });
      const headers = { 'X-Shop': 'north' };

      const first = await knock(template, { json: { order: { id: 9 } }, headers });
      const second = await knock(expression, { json: { lines: [{ price: 1 }, { price: 2 }] } });

      expect((await parametersOf(first)).at('parameters')).to.deep.equal({ id: 9, words: 'from north' });
      expect((await parametersOf(second)).at('parameters')).to.deep.equal({ total: 3, how: 'POST' });
    });

    for (const [what, options, body] of [
      ['a form', { form: { a: '1', b: 'two words' } }, { a: '1', b: 'two words' }],
      ['text', { body: 'Grüße', headers: { 'content-type': 'text/plain' } }, 'Grüße'],
      [
        'bytes',
        { body: Buffer.from([0, 255]), headers: { 'content-type': 'image/png' } },
        { $binary: 'base64', content_type: 'image/png', bytes: 2, data: 'AP8=' },
      ],
      ['nothing', {}, null],
      [
        'JSON of another name',
        { body: '[1]', headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' } },
        [1],
      ],
    ] as const) {
      it(`with ${what}`, async () => {
        const answer = await knock(await create({ mapping: { it: '=body' } }), options);
        expect((await parametersOf(answer)).at('parameters', 'it')).to.deep.equal(body);
      });
    }

    it('by the methods it names', async () => {
      const hook = await create({ methods: ['GET', 'PUT'], mapping: { q: '=query.q' } });
      const got = await gateway.request('GET', `/hooks/${hook.text('path')}?q=hello`);
      expect((await parametersOf(got)).at('parameters')).to.deep.equal({ q: 'hello' });
      expect((await knock(hook, { json: {} }, 'PUT')).status).to.equal(202);
      const refused = await knock(hook, { json: {} });
      expect([refused.status, refused.headers.get('allow')]).to.deep.equal([405, 'GET, PUT, OPTIONS']);
      expect((await knock(hook, {}, 'HEAD')).status).to.equal(405);
    });

    it('and answer with their output', async () => {
      const hook = await create({ mapping: { n: '=body.n' }, response: { mode: 'result' } });
      const answer = await knock(hook, { json: { n: 5 } });
      expect([answer.status, answer.body.value]).to.deep.equal([200, { got: { n: 5 } }]);
    });

    it('and answer 502 without the reason when they fail', async () => {
      const failing = await gateway.createWorkflow({ owner: author.username, definition: FAILS });
      const answer = await knock(await create({ response: { mode: 'result' } }, failing), { json: {} });
      expect(answer.status).to.equal(502);
      expect(answer.body.at('type')).to.equal('/errors/execution_failed');
      expect(answer.text).not.to.include('internals');
    });

    it('and answer 202 when their result takes longer', async () => {
      const slow = await gateway.createWorkflow({
        owner: author.username,
        definition: {
          name: 'Slow',
          nodes: [{ id: 'wait', type: 'delay', data: { config: { seconds: 3_600 } } }],
        },
      });
      const hook = await create({ response: { mode: 'result', timeout_seconds: 1 } }, slow);
      const answer = await knock(hook, { json: {} });
      expect(answer.status).to.equal(202);
      expect(answer.body.text('execution_id')).to.match(/^exec_/);
    });

    it('once for each delivery, however often it comes', async () => {
      const hook = await create({ signature: { type: 'github' }, secret: 'the secret of github' });
      const deliver = (id: string, body: string): Promise<Answer> => {
        const request = signed('the secret of github', body);
        return knock(hook, { ...request, headers: { ...request.headers, 'X-GitHub-Delivery': id } });
      };
      const first = await deliver('one', '{"n":1}');
      const repeated = await deliver('one', '{"n":1}');
      const other = await deliver('two', '{"n":1}');

      expect([first.status, repeated.status, other.status]).to.deep.equal([202, 202, 202]);
      expect(repeated.body.at('execution_id')).to.equal(first.body.at('execution_id'));
      expect(other.body.at('execution_id')).not.to.equal(first.body.at('execution_id'));
    });

    it('once for each id that an expression finds, numbers too, and always where there is none', async () => {
      const hook = await create({ idempotency: { expression: '$string(body.id)' } });
      const ids = [];
      for (const json of [{ id: 1 }, { id: 1, more: true }, { id: 2 }, {}, {}]) {
        ids.push((await knock(hook, { json })).body.text('execution_id'));
      }
      expect(ids[0]).to.equal(ids[1]);
      expect(new Set(ids).size).to.equal(4);
    });
  });

  describe('refuse', () => {
    it('an unknown path and a disabled webhook in the same words', async () => {
      const hook = await create({ enabled: false });
      const disabled = await knock(hook, { json: {} });
      const unknown = await gateway.request('POST', '/hooks/nobody-has-this', { json: {} });
      const words = (answer: Answer, path: string) => answer.body.text('detail').replace(path, '…');

      expect([disabled.status, unknown.status]).to.deep.equal([404, 404]);
      expect(words(disabled, hook.text('path'))).to.equal(words(unknown, 'nobody-has-this'));
    });

    it('everything while the owner is disabled or the workflow archived or deleted', async () => {
      const owner = await gateway.createUser();
      const own = await gateway.createWorkflow({ owner: owner.username, definition: ECHO });
      const made = await gateway.request('POST', `/workflows/${own}/webhooks`, {
        token: gateway.admin.token,
        json: {},
      });
      const path = `/hooks/${made.body.text('path')}`;
      const set = (address: string, json: object): Promise<Answer> =>
        gateway.request('PATCH', address, { token: gateway.admin.token, json });

      expect((await gateway.request('POST', path)).status).to.equal(202);
      await set(`/workflows/${own}`, { status: 'archived' });
      expect((await gateway.request('POST', path)).status).to.equal(404);
      await set(`/workflows/${own}`, { status: 'active' });
      await set(`/users/${owner.username}`, { disabled: true });
      expect((await gateway.request('POST', path)).status).to.equal(404);
      await set(`/users/${owner.username}`, { disabled: false });
      await set(`/users/${owner.username}`, { scopes: ['workflow:read'] });
      expect((await gateway.request('POST', path)).status).to.equal(404);
      await gateway.request('DELETE', `/workflows/${own}`, { token: gateway.admin.token });
      expect((await gateway.request('POST', path)).status).to.equal(404);
    });

    it('a signature that is wrong or missing, and tell the owner why', async () => {
      const hook = await create({ signature: { type: 'github' } });
      const wrong = await knock(hook, signed('not the secret', '{}'));
      const missing = await knock(hook, { json: {} });

      for (const answer of [wrong, missing]) {
        expect([answer.status, answer.body.at('detail')]).to.deep.equal([
          401,
          'The signature is missing or not valid',
        ]);
      }
      const reasons = await eventually(async () => {
        const found = await deliveriesOf(hook);
        expect(found).to.have.length(2);
        return found.map((one) => [one.at('status'), one.at('reason'), one.at('execution_id')]);
      });
      expect(reasons).to.have.deep.members([
        [401, 'the signature is not one made with the secret', null],
        [401, 'the header X-Hub-Signature-256 is missing', null],
      ]);
    });

    it('the old secret only after its time', async () => {
      const hook = await create({ signature: { type: 'github' }, secret: 'the first secret' });
      const id = hook.text('id');
      const rotated = await asAuthor('PATCH', `/webhooks/${id}`, { rotate_secret: true });
      const secret = rotated.body.text('secret');

      expect(rotated.body.at('previous_secret_until')).to.be.a('string');
      expect((await knock(hook, signed('the first secret', '{}'))).status).to.equal(202);
      expect((await knock(hook, signed(secret, '{}'))).status).to.equal(202);
      await engine.pool.query(`UPDATE webhooks SET previous_secret_until = now() WHERE id = $1`, [id]);
      expect((await knock(hook, signed('the first secret', '{}'))).status).to.equal(401);
      const third = await asAuthor('PATCH', `/webhooks/${id}`, {
        secret: 'the third secret',
        keep_previous_seconds: 0,
      });
      expect([third.body.at('secret'), third.body.at('previous_secret_until')]).to.deep.equal([
        undefined,
        null,
      ]);
      expect((await knock(hook, signed(secret, '{}'))).status).to.equal(401);
      expect((await knock(hook, signed('the third secret', '{}'))).status).to.equal(202);
    });

    it('a message of Standard Webhooks that is replayed later, and start once for one that is repeated', async () => {
      const hook = await create({ signature: { type: 'standard_webhooks' } });
      const key = signingKey(hook.text('secret'));
      if (!key) throw new Error('the secret is no key');
      const send = (id: string, seconds: number): Promise<Answer> => {
        const timestamp = String(Math.floor(Date.now() / 1_000) + seconds);
        const signature = signStandardWebhook(key, { id, timestamp, body: '{}' });
        return knock(hook, {
          body: '{}',
          headers: {
            'content-type': 'application/json',
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            'webhook-signature': signature,
          },
        });
      };
      const first = await send('msg_1', 0);
      const repeated = await send('msg_1', 1);
      expect([first.status, (await send('msg_2', -600)).status]).to.deep.equal([202, 401]);
      expect(repeated.body.at('execution_id')).to.equal(first.body.at('execution_id'));
    });

    it('parameters that the workflow does not take, naming the field', async () => {
      const strict = await gateway.createWorkflow({
        owner: author.username,
        definition: {
          ...ECHO,
          parameters_schema: {
            type: 'object',
            properties: { n: { type: 'integer' } },
            required: ['n'],
          },
        },
      });
      const hook = await create({ mapping: { n: '=body.n' } }, strict);
      const answer = await knock(hook, { json: { n: 'many' } });
      expect(answer.status).to.equal(422);
      expect(answer.body.at('errors', 0, 'loc')).to.deep.equal(['parameters', 'n']);
    });

    for (const [what, settings, options, status] of [
      ['broken JSON', {}, { body: '{"a"', headers: { 'content-type': 'application/json' } }, 400],
      [
        'JSON that is no UTF-8',
        {},
        { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } },
        400,
      ],
      [
        'a key __proto__',
        {},
        { body: '{"__proto__":{"a":1}}', headers: { 'content-type': 'application/json' } },
        422,
      ],
      [
        'a field __proto__',
        {},
        { body: '__proto__=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        422,
      ],
      [
        'nesting without end',
        {},
        { body: '['.repeat(5_000) + ']'.repeat(5_000), headers: { 'content-type': 'application/json' } },
        422,
      ],
      [
        'more than a mebibyte',
        {},
        { body: 'x'.repeat(1024 * 1024 + 1), headers: { 'content-type': 'text/plain' } },
        413,
      ],
      ['another content type', { content_types: ['application/json'] }, { form: { a: '1' } }, 415],
      ['what the mapping makes no object of', { mapping: 'body.list' }, { json: { list: [1, 2] } }, 422],
      ['what the mapping fails on', { mapping: { n: '=$number(body.n)' } }, { json: { n: 'x' } }, 422],
      [
        'a mapping without end',
        { mapping: '( $f := function($n) { $f($n + 1) }; {"a": $f(1)} )' },
        { json: {} },
        422,
      ],
      [
        'a catastrophic pattern',
        { mapping: { m: '=$match(body.s, /^(a+)+$/)' } },
        { json: { s: `${'a'.repeat(40)}!` } },
        422,
      ],
    ] as const) {
      it(`${what} (${status})`, async () => {
        const answer = await knock(await create(settings), options);
        expect(answer.status, answer.text).to.equal(status);
      });
    }

    it('a token in the query that is wrong, and keep the right one out of the parameters', async () => {
      const hook = await create({ signature: { type: 'token', query: 'key' }, secret: 'let me in please' });
      const at = (query: string): Promise<Answer> =>
        gateway.request('POST', `/hooks/${hook.text('path')}?${query}`);
      const accepted = await at('key=let+me+in+please&page=1');

      expect((await at('key=let+me+out')).status).to.equal(401);
      expect(accepted.status).to.equal(202);
      expect((await parametersOf(accepted)).at('parameters', 'query')).to.deep.equal({ page: '1' });
    });
  });

  it('answer what senders ask when they test the address, once it is signed', async () => {
    const hook = await create({ signature: { type: 'slack' } });
    const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRN' });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac('sha256', hook.text('secret')).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'X-Slack-Request-Timestamp': timestamp };
    const github = await create({ signature: { type: 'github' }, secret: 'the secret of github' });
    const ping = signed('the secret of github', '{"zen":"Keep it logically awesome."}');

    const answered = await knock(hook, { body, headers: { ...headers, 'X-Slack-Signature': `v0=${mac}` } });
    const unsigned = await knock(hook, { body, headers });
    const pong = await knock(github, { ...ping, headers: { ...ping.headers, 'X-GitHub-Event': 'ping' } });

    expect([answered.status, answered.body.value]).to.deep.equal([200, { challenge: '3eZbrw1aBm2rZgRN' }]);
    expect(unsigned.status).to.equal(401);
    expect([pong.status, pong.body.value]).to.deep.equal([200, { message: 'pong' }]);
  });

  it('list what arrived, by outcome and page by page', async () => {
    const hook = await create({ mapping: { n: '=$number(body.n)' }, idempotency: { header: 'X-Id' } });
    const accepted = await knock(hook, { json: { n: '1' }, headers: { 'X-Id': 'delivery-1' } });
    await knock(hook, { json: { n: 'x' } });
    await eventually(async () => expect(await deliveriesOf(hook)).to.have.length(2));
    const path = `/webhooks/${hook.text('id')}/deliveries`;
    const taken = await asAuthor('GET', `${path}?outcome=accepted`);
    const page = await asAuthor('GET', `${path}?limit=1`);

    expect(taken.body.list()).to.have.length(1);
    expect(taken.body.at(0, 'execution_id')).to.equal(accepted.body.at('execution_id'));
    expect(taken.body.at(0, 'delivery_key')).to.equal('delivery-1');
    expect([taken.body.at(0, 'method'), taken.body.at(0, 'size_bytes')]).to.deep.equal(['POST', 9]);
    expect(page.body.list()).to.have.length(1);
    expect(page.headers.get('link')).to.include('rel="next"');
    expect((await asAuthor('GET', `${path}?outcome=refused`)).body.at(0, 'reason')).to.include('mapping');
  });

  it('keep the newest thousand of the last week', async () => {
    const hook = await create();
    await engine.pool.query(
      `INSERT INTO webhook_deliveries (id, webhook_id, received_at, method, status, size_bytes, duration_ms)
       SELECT uuid7(at), $1, at, 'POST', 202, 0, 0
       FROM (SELECT now() - CASE WHEN n <= 5 THEN interval '8 days' ELSE interval '1 hour' END AS at
             FROM generate_series(1, 1105) n) t`,
      [hook.text('id')],
    );
    const deleted = await engine.runtime.sweeps.trimDeliveries();
    const { rows } = await engine.pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM webhook_deliveries WHERE webhook_id = $1',
      [hook.text('id')],
    );
    expect([deleted, rows[0]?.count]).to.deep.equal([105, 1_000]);
  });
});

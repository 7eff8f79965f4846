import { expect } from 'chai';
import { type GatewayUnderTest, ONE_NODE, startGateway } from '../../support/platform.js';
import type { Answer } from '../../support/http.js';
import { eventually } from '../../support/poll.js';

const set = (id: string, values: object = { a: 1 }) => ({ id, type: 'set', data: { config: { values } } });

describe('workflows', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  const call = (
    method: string,
    path: string,
    json?: object,
    headers?: Record<string, string>,
  ): Promise<Answer> =>
    gateway.request(method, path, {
      token: gateway.admin.token,
      ...(json && { json }),
      ...(headers && { headers }),
    });
  const create = (json: object) => call('POST', '/workflows/visual/create', json);

  it('are created with defaults filled in', async () => {
    const { status, body, headers } = await create({
      name: '  Pipeline ',
      nodes: [{ id: 'plan', type: 'agent', data: { agent_type: 'planning' } }, set('b')],
      edges: [{ source: 'plan', target: 'b' }],
      metadata: { tags: ['development'], team: 'x' },
    });

    expect(status).to.equal(201);
    const id = body.text('id');
    expect(id).to.match(/^wf_[0-9a-f-]{36}$/);
    expect(headers.get('location')).to.equal(`/api/v1/workflows/${id}`);
    expect(headers.get('etag')).to.equal('"1"');
    expect(body.value).to.deep.include({
      ...{ workflow_id: id, name: 'Pipeline', description: '', status: 'active', owner: 'admin' },
      ...{ version: 1, revision: 1, node_count: 2, tags: ['development'], created_by: 'admin' },
      metadata: { tags: ['development'], team: 'x' },
    });
    expect(body.at('nodes', 0, 'position')).to.deep.equal({ x: 0, y: 0 });
    expect(body.at('nodes', 0, 'data', 'config')).to.deep.equal({});
    expect((await call('GET', `/workflows/${id}`)).body.at('nodes')).to.deep.equal(body.at('nodes'));
  });

  it('can be drawn before there is anything to publish, and take no executions until then', async () => {
    const unfinished = { name: 'Sketch', nodes: [{ id: 'half' }] };
    const made = await call('POST', '/workflows/drafts', { name: 'Sketch', definition: unfinished });
    const id = made.body.text('id');
    const draft = await call('GET', `/workflows/${id}/draft`);
    const refused = await call('POST', `/workflows/${id}/execute`, {});
    const activated = await call('PATCH', `/workflows/${id}`, { status: 'active' });
    const published = await call('PUT', `/workflows/${id}`, { ...ONE_NODE, name: 'Sketch' });
    const executed = await call('POST', `/workflows/${id}/execute`, {});

    expect(made.status).to.equal(201);
    expect(made.body.value).to.deep.include({ status: 'draft', version: 0, node_count: 0, nodes: [] });
    expect(draft.body.at('definition')).to.deep.equal(unfinished);
    expect([refused.status, activated.status]).to.deep.equal([409, 409]);
    expect(refused.body.text('detail')).to.include('has never been published');
    expect(published.body.value).to.deep.include({ status: 'active', version: 1 });
    expect(executed.status).to.equal(202);
  });

  it('keep a given id, which is theirs for ever', async () => {
    const id = 'My-workflow_1';
    const first = await create({ ...ONE_NODE, id });
    const again = await create({ ...ONE_NODE, id });
    await call('DELETE', `/workflows/${id}`);
    const afterDelete = await create({ ...ONE_NODE, id });

    expect(first.body.at('id')).to.equal(id);
    expect([again.status, afterDelete.status]).to.deep.equal([409, 409]);
    expect(again.body.at('detail')).to.equal(`The workflow id ${id} is taken`);
  });

  for (const id of ['exec_abc', 'protected', 'visual', 'executions', '1abc', 'ab', 'a b', 'x'.repeat(65)]) {
    it(`refuse the id ${id.slice(0, 20)}`, async () => {
      const { status, body } = await create({ ...ONE_NODE, id });

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'id']);
    });
  }

  it('accept the older spelling of tools', async () => {
    const { status, body } = await create({
      name: 'x',
      nodes: [{ id: 'a', type: 'tool', data: { tool: 'set', config: { values: {} } } }],
    });

    expect(status).to.equal(201);
    expect(body.at('nodes', 0, 'type')).to.equal('set');
  });

  describe('that are wrong', () => {
    it('name every problem of their structure at once (400)', async () => {
      const { status, body } = await create({
        name: 'x',
        nodes: [set('a'), set('b'), set('c'), set('d'), set('d')],
        edges: [
          { source: 'a', target: 'b' },
          { source: 'b', target: 'c' },
          { source: 'c', target: 'a' },
          { source: 'd', target: 'd' },
          { source: 'a', target: 'ghost' },
        ],
      });

      expect(status).to.equal(400);
      expect(body.text('detail')).to.match(/^Invalid workflow structure: /);
      const types = body.list('errors').map((error) => error.at('type'));
      expect(types).to.include.members(['cycle', 'self_loop', 'unknown_node', 'duplicate_id']);
      const cycle = body.list('errors').find((error) => error.at('type') === 'cycle');
      expect(cycle?.text('msg')).to.match(/a, b, c|b, c, a|c, a, b/);
      expect(cycle?.at('loc', 0)).to.equal('body');
    });

    it('have no nodes (400)', async () => {
      const { status, body } = await create({ name: 'x', nodes: [] });

      expect(status).to.equal(400);
      expect(body.text('detail')).to.match(/^Invalid workflow structure: /);
    });

    it('have an unknown kind (422)', async () => {
      const { status, body } = await create({ name: 'x', nodes: [{ id: 'a', type: 'teleport' }] });

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'nodes', 0, 'type']);
    });

    it('have a configuration of the wrong type, in words that name the node (422)', async () => {
      const nodes = [{ id: 'wait', type: 'delay', data: { config: { seconds: -1 } } }];
      const { status, body } = await create({ name: 'x', nodes });

      expect(status).to.equal(422);
      expect(body.text('errors', 0, 'msg')).to.include('"wait"');
      expect(body.list('errors')[0]?.at('loc')).to.deep.include.members(['body', 'nodes', 'data', 'config']);
    });

    it('have an expression that does not compile (422)', async () => {
      const nodes = [set('a', { x: '=1 +' })];
      const { status, body } = await create({ name: 'x', nodes });

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'type')).to.equal('invalid_expression');
    });

    it('have code that does not compile, wherever it is (422)', async () => {
      const code = (id: string, config: object) => ({ id, type: 'code', data: { config } });
      const body = { nodes: [code('inner', { source: 'return 1;;\n  retrun 2;' })], edges: [] };
      const nodes = [
        code('fine', { source: 'while (true) {}' }),
        code('typed', { language: 'typescript', source: 'const n: number = ;' }),
        { id: 'each', type: 'map', data: { config: { items: [1], body } } },
      ];
      const on_failure = { nodes: [code('last', { source: 'import "fs"; export default 1;' })] };

      const save = () => create({ name: 'Code', nodes, on_failure });

      // What is not found out in time is not refused, and a busy machine takes its time to start the first process.
      const found = await eventually(
        async () => {
          const { status, body: problem } = await save();
          expect(status).to.equal(422);
          expect(problem.list('errors')).to.have.length(3);
          return problem.list('errors');
        },
        { timeoutMs: 50_000 },
      );

      expect(found.map((error) => error.value)).to.deep.equal([
        {
          loc: ['body', 'nodes', 1, 'data', 'config', 'source'],
          msg: 'node "typed": line 1, column 19: Expression expected',
          type: 'invalid_code',
        },
        {
          loc: ['body', 'nodes', 2, 'data', 'config', 'body', 'nodes', 0, 'data', 'config', 'source'],
          msg: `node "inner": line 2, column 10: SyntaxError: expecting ';'`,
          type: 'invalid_code',
        },
        {
          loc: ['body', 'on_failure', 'nodes', 0, 'data', 'config', 'source'],
          msg: 'node "last": Error: "fs" cannot be imported: a code step has no modules but itself',
          type: 'invalid_code',
        },
      ]);
    });

    it('have more expressions than can be compiled while others wait (422)', async () => {
      const many = Array.from({ length: 20_001 }, (_, n): [string, string] => [`k${n}`, `=a${n}`]);
      for (const values of [Object.fromEntries(many), { text: '{{a}}'.repeat(20_001) }]) {
        const answer = await create({
          name: 'Many',
          nodes: [{ id: 'a', type: 'set', data: { config: { values } } }],
        });
        expect([answer.status, answer.body.at('errors', 0, 'type')]).to.deep.equal([
          422,
          'too_many_expressions',
        ]);
      }
    });

    it('have unknown keys (422)', async () => {
      const { status, body } = await create({ ...ONE_NODE, colour: 'red' });

      expect(status).to.equal(422);
      expect(body.text('detail')).to.include('colour');
    });

    it('hold what the database cannot (422)', async () => {
      for (const part of [
        { name: 'a\0b' },
        { description: '\ud800' },
        { metadata: { deep: [{ a: '\0' }] } },
      ]) {
        const { status, body } = await create({ ...ONE_NODE, ...part });
        expect(status).to.equal(422);
        expect(body.at('errors', 0, 'type')).to.equal('unstorable_text');
      }
    });

    it('have a parameters_schema that is none, or could take too long (422)', async () => {
      const nested = Array.from({ length: 20 }, (_, index): [string, object] => [
        `l${index}`,
        { anyOf: [{ $ref: `#/$defs/l${index + 1}` }, { $ref: `#/$defs/l${index + 1}` }] },
      ]);
      const schemas = [
        { type: 'nonsense' },
        { type: 'string', pattern: '(?=x)' },
        { $ref: 'https://example.com/schema.json' },
        { properties: { child: { $ref: '#' } } },
        { $ref: '#/$defs/l0', $defs: { ...Object.fromEntries(nested), l20: true } },
        { $id: 'https://example.com' },
        { enum: ['x'.repeat(70_000)] },
      ];
      for (const parameters_schema of schemas) {
        const { status, body } = await create({ ...ONE_NODE, parameters_schema });
        expect(status, JSON.stringify(parameters_schema).slice(0, 80)).to.equal(422);
        expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'parameters_schema']);
      }
    });
  });

  it('answer 404 when unknown, whatever is asked of them', async () => {
    for (const [method, path, json] of [
      ['GET', '', undefined],
      ['PUT', '', ONE_NODE],
      ['PATCH', '', { status: 'archived' }],
      ['DELETE', '', undefined],
      ['POST', '/execute', {}],
      ['GET', '/executions', undefined],
      ['GET', '/draft', undefined],
      ['PUT', '/draft', {}],
    ] as const) {
      const { status, body } = await call(method, `/workflows/wf_unknown${path}`, json);
      expect(status, `${method} ${path}`).to.equal(404);
      expect(body.at('detail')).to.equal('Workflow wf_unknown not found');
    }
  });

  it('tell a wrong body (422) before an unknown id (404)', async () => {
    expect((await call('PUT', '/workflows/wf_unknown', { name: 1 })).status).to.equal(422);
  });

  describe('when saved', () => {
    it('get a new version only for what changes how they run', async () => {
      const id = await gateway.createWorkflow();
      const moved = {
        ...ONE_NODE,
        nodes: [{ ...ONE_NODE.nodes[0], position: { x: 9, y: 9 } }],
        name: 'Renamed',
      };
      const changed = { ...ONE_NODE, nodes: [set('greet', { greeting: 'bye' })] };

      const first = await call('PUT', `/workflows/${id}`, moved);
      const second = await call('PUT', `/workflows/protected/${id}`, changed);

      expect(first.body.value).to.include({ version: 1, revision: 2, name: 'Renamed' });
      expect(second.body.value).to.include({ version: 2, revision: 3 });
      expect(second.body.text('message')).to.include('version 2');
      expect(second.headers.get('etag')).to.equal('"3"');
    });

    it('compare If-Match with the revision', async () => {
      const id = await gateway.createWorkflow();

      const answers = [
        await call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': '"1"' }),
        await call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': '"1"' }),
        await call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': 'W/"2"' }),
        await call('PATCH', `/workflows/${id}`, { status: 'archived' }, { 'if-match': '"2"' }),
        await call('PATCH', `/workflows/${id}`, { status: 'archived' }, { 'if-match': '*' }),
        await call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': 'nonsense' }),
      ];

      expect(answers.map(({ status }) => status)).to.deep.equal([200, 412, 200, 412, 200, 412]);
      expect(answers[1]?.body.at('type')).to.equal('/errors/stale_revision');
      expect(answers[1]?.body.text('detail')).to.include('revision 2');
    });

    it('let one of several writers of one revision through', async () => {
      const id = await gateway.createWorkflow();

      const answers = await Promise.all(
        Array.from({ length: 5 }, () => call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': '"1"' })),
      );

      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 412, 412, 412, 412]);
    });

    it('refuse another id in the body', async () => {
      const id = await gateway.createWorkflow();

      expect((await call('PUT', `/workflows/${id}`, { ...ONE_NODE, id })).status).to.equal(200);
      expect((await call('PUT', `/workflows/${id}`, { ...ONE_NODE, id: 'another' })).status).to.equal(422);
    });

    it('answer 304 to who has the revision', async () => {
      const id = await gateway.createWorkflow();

      expect((await call('GET', `/workflows/${id}`, undefined, { 'if-none-match': '"1"' })).status).to.equal(
        304,
      );
      expect((await call('GET', `/workflows/${id}`, undefined, { 'if-none-match': '"0"' })).status).to.equal(
        200,
      );
    });
  });

  describe('of someone else', () => {
    it('can be made by an admin', async () => {
      const { status, body } = await create({ ...ONE_NODE, owner: 'user' });

      expect(status).to.equal(201);
      expect(body.value).to.include({ owner: 'user', created_by: 'admin' });
    });

    it('need a user who exists', async () => {
      const { status, body } = await create({ ...ONE_NODE, owner: 'nobody' });

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'loc')).to.deep.equal(['body', 'owner']);
    });

    it('can be transferred by an admin, to themselves too', async () => {
      const id = await gateway.createWorkflow({ owner: 'user' });

      expect(
        (await call('PUT', `/workflows/${id}`, { ...ONE_NODE, owner: 'admin' })).body.at('owner'),
      ).to.equal('admin');
      expect((await call('PATCH', `/workflows/${id}`, { owner: 'user' })).body.at('owner')).to.equal('user');
      expect((await call('PUT', `/workflows/${id}`, ONE_NODE)).body.at('owner')).to.equal('user');
    });
  });

  it('take their executions along when they are transferred, live and finished ones', async () => {
    const [before, after] = [await gateway.createUser(), await gateway.createUser()];
    const id = await gateway.createWorkflow({ owner: before.username });
    const keyed = { token: before.token, json: {}, headers: { 'idempotency-key': 'once' } };
    const [live, finished] = [await gateway.execute(id), await gateway.execute(id)];
    const first = await gateway.request('POST', `/workflows/${id}/execute`, keyed);
    await call('POST', `/executions/${finished}/cancel`);

    await call('PATCH', `/workflows/${id}`, { owner: after.username });

    const as = (who: { token: string }, path: string) => gateway.request('GET', path, { token: who.token });
    for (const execution of [live, finished]) {
      for (const path of ['', '/steps', '/logs', '/events']) {
        const where = `/executions/${execution}${path}`;
        expect((await as(before, where)).status, `before ${where}`).to.equal(403);
        expect((await as(after, where)).status, `after ${where}`).to.equal(200);
      }
      expect((await as(after, `/executions/${execution}`)).body.at('owner')).to.equal(after.username);
    }
    const listed = async (who: { token: string }, query: string) =>
      (await as(who, `/executions?${query}`)).body.list().map((item) => item.at('execution_id'));
    expect(await listed(before, '')).to.deep.equal([]);
    expect(await listed(after, 'status=cancelled')).to.deep.equal([finished]);
    expect(await listed(after, 'status=queued')).to.have.members([live, first.body.text('execution_id')]);
    const again = await gateway.request('POST', `/workflows/${id}/execute`, { ...keyed, token: after.token });
    expect(again.body.at('execution_id')).to.equal(first.body.at('execution_id'));
  });

  it('take no executions while archived', async () => {
    const id = await gateway.createWorkflow();
    await call('PATCH', `/workflows/${id}`, { status: 'archived' });

    const refused = await call('POST', `/workflows/${id}/execute`, {});
    await call('PATCH', `/workflows/${id}`, { status: 'active' });

    expect(refused.status).to.equal(409);
    expect(refused.body.text('detail')).to.include('archived');
    expect((await call('POST', `/workflows/${id}/execute`, {})).status).to.equal(202);
  });

  it('disappear when deleted, and leave their history', async () => {
    const id = await gateway.createWorkflow({ owner: 'user' });
    const execution = await gateway.execute(id);
    const { token } = gateway.user;

    const deleted = await call('DELETE', `/workflows/${id}`);

    expect([deleted.status, deleted.text]).to.deep.equal([204, '']);
    expect((await call('DELETE', `/workflows/${id}`)).status).to.equal(404);
    expect((await gateway.request('GET', `/workflows/${id}`, { token })).status).to.equal(404);
    expect((await gateway.request('POST', `/workflows/${id}/execute`, { token, json: {} })).status).to.equal(
      404,
    );
    expect((await gateway.request('GET', `/executions/${execution}`, { token })).status).to.equal(200);
    const history = await gateway.request('GET', `/workflows/${id}/executions`, { token });
    expect(history.body.list().map((item) => item.at('execution_id'))).to.deep.equal([execution]);
  });

  describe('in lists', () => {
    it('come newest first, page by page, with their filters kept, and without their graph', async () => {
      const tag = 'paged';
      const ids: string[] = [];
      for (const name of ['first', 'second', 'third']) {
        ids.unshift(
          await gateway.createWorkflow({ definition: { ...ONE_NODE, name, metadata: { tags: [tag] } } }),
        );
      }

      const first = await call('GET', `/workflows/?limit=2&tag=${tag}`);
      const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
      const second = await call('GET', `/${next}`);

      expect(next).to.match(/^\/api\/v1\/workflows\/\?.*tag=paged/);
      expect([...first.body.list(), ...second.body.list()].map((item) => item.at('id'))).to.deep.equal(ids);
      expect(second.headers.get('link')).to.equal(null);
      expect(first.body.at(0)).to.include({ node_count: 1 }).and.not.to.have.any.keys('nodes', 'edges');
    });

    it('are found by words, tag, status and owner', async () => {
      const definition = {
        ...ONE_NODE,
        name: 'Quarterly zebra',
        description: 'counts giraffes',
        metadata: { tags: ['zoo'] },
      };
      const id = await gateway.createWorkflow({ definition, owner: 'user' });
      await call('PATCH', `/workflows/${id}`, { status: 'archived' });

      const found = async (query: string) =>
        (await call('GET', `/workflows?${query}`)).body.list().map((item) => item.at('id'));

      expect(await found('search=zebr')).to.deep.equal([id]);
      expect(await found('search=giraffes+quarterly')).to.deep.equal([id]);
      expect(await found('search=elephant')).to.deep.equal([]);
      expect(await found('tag=zoo&status=archived&owner=user')).to.deep.equal([id]);
      expect(await found('tag=zoo&status=active')).to.deep.equal([]);
      expect(await found('tag=zoo&owner=admin')).to.deep.equal([]);
      expect(await found('owner=nobody')).to.deep.equal([]);
    });

    it('refuse what they cannot do', async () => {
      for (const query of ['limit=201', 'limit=0', 'limit=x', 'cursor=garbage', 'status=odd', 'tag=']) {
        const { status, body } = await call('GET', `/workflows?${query}`);
        expect(status, query).to.equal(422);
        expect(body.at('errors', 0, 'loc', 0), query).to.equal('query');
      }
    });
  });

  describe('as drafts', () => {
    it('are kept as they are, and published by saving', async () => {
      const id = await gateway.createWorkflow();
      const draft = { nodes: [{ id: 'half', type: 'unknown' }], note: 'not valid yet' };

      const none = await call('GET', `/workflows/${id}/draft`);
      const saved = await call('PUT', `/workflows/${id}/draft`, draft);
      const stale = await call('PUT', `/workflows/${id}/draft`, draft, { 'if-match': '"7"' });
      const again = await call('PUT', `/workflows/${id}/draft`, draft, { 'if-match': '"2"' });

      expect([none.status, saved.status, stale.status, again.status]).to.deep.equal([404, 200, 412, 200]);
      expect(saved.body.value).to.deep.include({ workflow_id: id, revision: 2, definition: draft });
      expect(again.headers.get('etag')).to.equal('"3"');
      expect((await call('GET', `/workflows/${id}`)).body.at('revision')).to.equal(1);
      await call('PUT', `/workflows/${id}`, ONE_NODE);
      expect((await call('GET', `/workflows/${id}/draft`)).status).to.equal(404);
    });

    it('have revisions that no later content has again', async () => {
      const id = await gateway.createWorkflow();
      const draft = await call('PUT', `/workflows/${id}/draft`, { name: 'Ada’s' }, { 'if-match': '"1"' });
      const unseen = await call('PUT', `/workflows/${id}/draft`, { name: 'Bob’s' }, { 'if-match': '"1"' });
      const published = await call('PUT', `/workflows/${id}`, ONE_NODE, { 'if-match': '"2"' });
      const late = await call('PUT', `/workflows/${id}/draft`, { name: 'Bob’s' }, { 'if-match': '"2"' });
      const based = await call('PUT', `/workflows/${id}/draft`, { name: 'Bob’s' }, { 'if-match': '"3"' });

      const statuses = [draft, unseen, published, late, based].map(({ status }) => status);
      expect(statuses).to.deep.equal([200, 412, 200, 412, 200]);
      expect(published.body.at('revision')).to.equal(3);
      expect(based.body.at('revision')).to.equal(4);
    });
  });
});

import { API_BASE, apiRoutes, type RouteContract, type Scope, SCOPES } from '@millrace/contracts';
import { expect } from 'chai';
import { type Account, type GatewayUnderTest, ONE_NODE, startGateway } from '../../support/platform.js';

/** The rows of the authorization matrix; an answer is a status and, for a refusal, its words. */
const FAMILIES = { plain: '/workflows', protected: '/workflows/protected' } as const;

describe('authorization', () => {
  let gateway: GatewayUnderTest;
  let author: Account;
  before(async () => {
    gateway = await startGateway();
    author = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write', 'workflow:execute'] });
  });
  after(() => gateway.stop());

  const { admin, user } = { admin: () => gateway.admin, user: () => gateway.user };

  async function answerTo(who: Account | undefined, method: string, path: string, json?: object) {
    const token = who?.token;
    const options = { ...(token !== undefined && { token }), ...(json && { json }) };
    const { status, body } = await gateway.request(method, path, options);
    return [status, body.at('detail')] as const;
  }

  for (const [family, base] of Object.entries(FAMILIES)) {
    describe(`of the ${family} family`, () => {
      const create = family === 'plain' ? '/workflows/visual/create' : '/workflows/protected/create';

      it('create: admins and holders of workflow:write', async () => {
        expect((await answerTo(admin(), 'POST', create, ONE_NODE))[0]).to.equal(201);
        expect((await answerTo(author, 'POST', create, ONE_NODE))[0]).to.equal(201);
        expect(await answerTo(user(), 'POST', create, ONE_NODE)).to.deep.equal([
          403,
          "Operation requires 'workflow:write' scope",
        ]);
        expect(await answerTo(undefined, 'POST', create, ONE_NODE)).to.deep.equal([401, 'Not authenticated']);
      });

      it('list: admins all, others their own', async () => {
        const own = await gateway.createWorkflow({ owner: 'user' });
        const foreign = await gateway.createWorkflow();

        const listOf = async (who: Account) =>
          (await gateway.request('GET', `${base}/`, { token: who.token })).body.list().map((w) => w.at('id'));

        expect(await listOf(admin())).to.include.members([own, foreign]);
        expect(await listOf(user())).to.include(own);
        expect(await listOf(user())).not.to.include(foreign);
        expect((await answerTo(undefined, 'GET', `${base}/`))[0]).to.equal(401);
      });

      it('view: admins any, others their own', async () => {
        const own = await gateway.createWorkflow({ owner: 'user' });
        const foreign = await gateway.createWorkflow();

        expect((await answerTo(admin(), 'GET', `${base}/${own}`))[0]).to.equal(200);
        expect((await answerTo(user(), 'GET', `${base}/${own}`))[0]).to.equal(200);
        expect(await answerTo(user(), 'GET', `${base}/${foreign}`)).to.deep.equal([
          403,
          'Access denied to this workflow',
        ]);
        expect((await answerTo(undefined, 'GET', `${base}/${own}`))[0]).to.equal(401);
      });

      it('update: admins any, holders of workflow:write their own', async () => {
        const own = await gateway.createWorkflow({ owner: author.username });
        const foreign = await gateway.createWorkflow({ owner: 'user' });

        for (const [method, json] of [
          ['PUT', ONE_NODE],
          ['PATCH', { status: 'active' }],
        ] as const) {
          expect((await answerTo(admin(), method, `${base}/${own}`, json))[0]).to.equal(200);
          expect((await answerTo(author, method, `${base}/${own}`, json))[0]).to.equal(200);
          expect(await answerTo(author, method, `${base}/${foreign}`, json)).to.deep.equal([
            403,
            'Access denied to this workflow',
          ]);
          expect((await answerTo(user(), method, `${base}/${foreign}`, json))[0]).to.equal(403);
          expect((await answerTo(undefined, method, `${base}/${own}`, json))[0]).to.equal(401);
        }
      });

      it('draft: as update', async () => {
        const own = await gateway.createWorkflow({ owner: author.username });
        const foreign = await gateway.createWorkflow({ owner: 'user' });

        expect((await answerTo(author, 'PUT', `${base}/${own}/draft`, { nodes: [] }))[0]).to.equal(200);
        expect((await answerTo(author, 'GET', `${base}/${own}/draft`))[0]).to.equal(200);
        expect((await answerTo(author, 'PUT', `${base}/${foreign}/draft`, {}))[0]).to.equal(403);
        expect((await answerTo(author, 'GET', `${base}/${foreign}/draft`))[0]).to.equal(403);
        expect((await answerTo(user(), 'PUT', `${base}/${foreign}/draft`, {}))[0]).to.equal(403);
        expect((await answerTo(undefined, 'PUT', `${base}/${own}/draft`, {}))[0]).to.equal(401);
      });

      it('test a draft: as execute, and with workflow:write', async () => {
        const own = await gateway.createWorkflow({ owner: author.username });
        const foreign = await gateway.createWorkflow({ owner: 'user' });
        const reader = await gateway.createUser({ scopes: ['workflow:read', 'workflow:write'] });
        const test = (who: Account | undefined, id: string) =>
          answerTo(who, 'POST', `${base}/${id}/draft/execute`);

        expect((await test(admin(), own))[0]).to.equal(202);
        expect((await test(author, own))[0]).to.equal(202);
        expect(await test(author, foreign)).to.deep.equal([403, "Cannot execute workflow you don't own"]);
        expect(await test(user(), foreign)).to.deep.equal([403, "Operation requires 'workflow:write' scope"]);
        expect(await test(reader, own)).to.deep.equal([403, "Operation requires 'workflow:execute' scope"]);
        expect((await test(undefined, own))[0]).to.equal(401);
      });

      it('delete: admins any, holders of workflow:delete their own', async () => {
        const remover = await gateway.createUser({ scopes: ['workflow:delete'] });
        const own = await gateway.createWorkflow({ owner: remover.username });
        const foreign = await gateway.createWorkflow({ owner: 'user' });

        expect(await answerTo(user(), 'DELETE', `${base}/${foreign}`)).to.deep.equal([
          403,
          "Operation requires 'workflow:delete' scope",
        ]);
        expect((await answerTo(undefined, 'DELETE', `${base}/${foreign}`))[0]).to.equal(401);
        expect((await answerTo(remover, 'DELETE', `${base}/${foreign}`))[0]).to.equal(403);
        expect((await answerTo(remover, 'DELETE', `${base}/${own}`))[0]).to.equal(204);
        expect((await answerTo(admin(), 'DELETE', `${base}/${foreign}`))[0]).to.equal(204);
      });

      it('execute: admins any, others their own', async () => {
        const own = await gateway.createWorkflow({ owner: 'user' });
        const foreign = await gateway.createWorkflow();

        for (const [path, json] of [
          ['execute', {}],
          ['execute/batch', { items: [{}] }],
        ] as const) {
          expect((await answerTo(admin(), 'POST', `${base}/${own}/${path}`, json))[0]).to.equal(202);
          expect((await answerTo(user(), 'POST', `${base}/${own}/${path}`, json))[0]).to.equal(202);
          expect(await answerTo(user(), 'POST', `${base}/${foreign}/${path}`, json)).to.deep.equal([
            403,
            "Cannot execute workflow you don't own",
          ]);
          expect((await answerTo(undefined, 'POST', `${base}/${own}/${path}`, json))[0]).to.equal(401);
        }
      });

      it('list executions: admins any, others their own', async () => {
        const own = await gateway.createWorkflow({ owner: 'user' });
        const foreign = await gateway.createWorkflow();

        expect((await answerTo(admin(), 'GET', `${base}/${own}/executions`))[0]).to.equal(200);
        expect((await answerTo(user(), 'GET', `${base}/${own}/executions`))[0]).to.equal(200);
        expect(await answerTo(user(), 'GET', `${base}/${foreign}/executions`)).to.deep.equal([
          403,
          "Cannot view executions for workflow you don't own",
        ]);
        expect((await answerTo(undefined, 'GET', `${base}/${own}/executions`))[0]).to.equal(401);
      });
    });
  }

  it('versions and deletions: as view, update and delete', async () => {
    const scopes: Scope[] = ['workflow:read', 'workflow:write', 'workflow:delete'];
    const keeper = await gateway.createUser({ scopes });
    const own = await gateway.createWorkflow({ owner: keeper.username });
    const foreign = await gateway.createWorkflow({ owner: 'user' });
    const denied = [403, 'Access denied to this workflow'];

    for (const [method, path] of [
      ['GET', 'versions'],
      ['GET', 'versions/1'],
      ['POST', 'versions/1/restore'],
      ['POST', 'restore'],
    ] as const) {
      expect((await answerTo(keeper, method, `/workflows/${own}/${path}`))[0], path).to.equal(200);
      expect((await answerTo(admin(), method, `/workflows/${foreign}/${path}`))[0], path).to.equal(200);
      expect(await answerTo(keeper, method, `/workflows/${foreign}/${path}`), path).to.deep.equal(denied);
      expect((await answerTo(undefined, method, `/workflows/${own}/${path}`))[0], path).to.equal(401);
    }
    expect(await answerTo(author, 'POST', `/workflows/${foreign}/restore`)).to.deep.equal([
      403,
      "Operation requires 'workflow:delete' scope",
    ]);
    await gateway.request('DELETE', `/workflows/${foreign}`, { token: gateway.admin.token });
    expect(await answerTo(keeper, 'POST', `/workflows/${foreign}/restore`)).to.deep.equal(denied);
  });

  it('view, cancel and follow an execution: admins any, others those of their own workflows', async () => {
    const own = await gateway.execute(await gateway.createWorkflow({ owner: 'user' }));
    const foreign = await gateway.execute(await gateway.createWorkflow());
    const views = ['', '/steps', '/logs', '/events'].map((path) => ['GET', path] as const);
    const aliases = [...views, ['POST', '/cancel'] as const];

    for (const [method, path] of aliases) {
      const json = method === 'POST' ? {} : undefined;
      const words = `${method} ${path}`;
      expect((await answerTo(user(), method, `/executions/${own}${path}`, json))[0], words).to.equal(200);
      expect(await answerTo(user(), method, `/executions/${foreign}${path}`, json), words).to.deep.equal([
        403,
        'Access denied to this execution',
      ]);
      expect((await answerTo(admin(), method, `/executions/${foreign}${path}`, json))[0], words).to.equal(
        200,
      );
      expect((await answerTo(undefined, method, `/executions/${own}${path}`, json))[0], words).to.equal(401);
    }
    expect((await answerTo(user(), 'GET', `/workflows/executions/${own}`))[0]).to.equal(200);
    expect((await answerTo(user(), 'GET', `/workflows/executions/${foreign}`))[0]).to.equal(403);
  });

  it('count executions, list and count waits and events: admins everybody’s, others their own', async () => {
    const foreign = await gateway.createWorkflow();
    await gateway.execute(foreign);
    await gateway.request('POST', '/events', { token: gateway.admin.token, json: { name: 'kept' } });

    for (const path of ['/executions/counts', '/approvals/count', '/events', '/event-waits']) {
      for (const who of [admin(), user()]) expect((await answerTo(who, 'GET', path))[0], path).to.equal(200);
      expect((await answerTo(undefined, 'GET', path))[0], path).to.equal(401);
    }
    expect(await answerTo(user(), 'GET', `/executions/counts?workflow=${foreign}`)).to.deep.equal([
      403,
      "Cannot view executions for workflow you don't own",
    ]);
    const kept = (await gateway.request('GET', '/events', { token: gateway.admin.token })).body.list()[0];
    const event = `/events/${kept?.text('event_id') ?? ''}`;
    for (const method of ['GET', 'DELETE']) {
      expect(await answerTo(user(), method, event)).to.deep.equal([403, 'Access denied to this event']);
    }
    expect((await answerTo(admin(), 'DELETE', event))[0]).to.equal(204);
    expect((await answerTo(admin(), 'GET', '/operations'))[0]).to.equal(200);
  });

  it('list all executions: admins everybody’s, others their own', async () => {
    const own = await gateway.execute(await gateway.createWorkflow({ owner: 'user' }));
    const foreign = await gateway.execute(await gateway.createWorkflow());

    const ids = async (who: Account) =>
      (await gateway.request('GET', '/executions?limit=200', { token: who.token })).body
        .list()
        .map((execution) => execution.at('execution_id'));

    expect(await ids(admin())).to.include.members([own, foreign]);
    expect(await ids(user()))
      .to.include(own)
      .and.not.to.include(foreign);
  });

  it('give a workflow to someone else: admins only', async () => {
    const words = 'Only an admin can make someone else the owner of a workflow';
    const given = { ...ONE_NODE, owner: 'user' };
    const own = await gateway.createWorkflow({ owner: author.username });

    expect(await answerTo(author, 'POST', '/workflows/protected/create', given)).to.deep.equal([403, words]);
    expect(await answerTo(author, 'PUT', `/workflows/${own}`, given)).to.deep.equal([403, words]);
    expect(await answerTo(author, 'PATCH', `/workflows/${own}`, { owner: 'user' })).to.deep.equal([
      403,
      words,
    ]);
    expect(
      (await answerTo(author, 'PUT', `/workflows/${own}`, { ...ONE_NODE, owner: author.username }))[0],
    ).to.equal(200);
    expect((await answerTo(admin(), 'PATCH', `/workflows/${own}`, { owner: 'user' }))[0]).to.equal(200);
    expect((await answerTo(user(), 'GET', `/workflows/${own}`))[0]).to.equal(200);
    expect((await answerTo(author, 'GET', `/workflows/${own}`))[0]).to.equal(403);
  });

  describe('of every route in the contract', () => {
    for (const [name, route] of apiRoutes()) {
      for (const path of route.paths) {
        it(`${route.method.toUpperCase()} ${path} (${name})`, async () => {
          await checkAccess(route, path);
        });
      }
    }

    async function checkAccess(route: RouteContract, path: string): Promise<void> {
      const address = path.replaceAll(/\{[a-z_]+\}/g, 'nothing-of-the-kind');
      const method = route.method.toUpperCase();
      const anonymous = await gateway.request(method, address);
      if (route.access === 'anonymous') {
        expect(anonymous.body.at('detail')).not.to.equal('Not authenticated');
        return;
      }
      expect(anonymous.status).to.equal(401);
      expect(anonymous.body.at('detail')).to.equal('Not authenticated');
      if (route.access === 'authenticated') return;
      if (route.access === 'session') {
        const { status, body } = await gateway.request(method, address, {
          token: await anyKey(),
          ...(route.body && { body: '{ not' }),
        });
        expect(status).to.equal(403);
        expect(body.at('detail')).to.equal(
          'An API key cannot look after the account it belongs to or its sessions: sign in with the password',
        );
        return;
      }

      const { access } = route;
      const { token } = await withoutScope(access);
      // Not even JSON: the scope is checked before the body is looked at.
      const refused = await gateway.request(method, address, {
        token,
        ...(route.body && { body: '{ not' }),
      });
      expect(refused.status).to.equal(403);
      expect(refused.body.at('detail')).to.equal(`Operation requires '${access}' scope`);
    }

    let key: Promise<string> | undefined;
    function anyKey(): Promise<string> {
      key ??= gateway
        .request('POST', '/api-keys', { token: gateway.admin.token, json: { name: 'any' } })
        .then(({ body }) => body.text('key'));
      return key;
    }

    const accounts = new Map<Scope, Promise<Account>>();
    function withoutScope(scope: Scope): Promise<Account> {
      const known =
        accounts.get(scope) ?? gateway.createUser({ scopes: SCOPES.filter((held) => held !== scope) });
      accounts.set(scope, known);
      return known;
    }
  });

  it('answers an anonymous caller on the routes that the contract names, and on the pages, and nowhere else', async () => {
    const anonymous = apiRoutes().flatMap(([, route]) => (route.access === 'anonymous' ? route.paths : []));

    expect(anonymous).to.have.members([
      '/auth/login',
      '/auth/login/json',
      '/auth/refresh',
      '/auth/logout',
      '/health',
      '/health/live',
      '/health/ready',
      '/openapi.json',
      '/docs',
      // The signature of a webhook is its credential, whatever the method.
      ...Array.from({ length: 5 }, () => '/hooks/{path}'),
    ]);
    for (const path of ['//', '//docs', '//openapi.json', '//health', `/${API_BASE}/docs`]) {
      expect((await gateway.request('GET', path)).status, path).to.be.oneOf([200, 503]);
    }
    expect((await gateway.request('GET', '//metrics')).status).to.equal(401);
  });
});

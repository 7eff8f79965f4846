import { expect } from 'chai';
import pg from 'pg';
import type { Answer } from '../../support/http.js';
import {
  type Account,
  expectStatus,
  type GatewayUnderTest,
  ONE_NODE,
  startGateway,
} from '../../support/platform.js';

const graph = (value: number, x = 0) => ({
  nodes: [
    { id: 'a', type: 'set', position: { x, y: 0 }, data: { label: 'A', config: { values: { value } } } },
  ],
});

describe('versions and deletions', () => {
  let gateway: GatewayUnderTest;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  const call = (
    method: string,
    path: string,
    json?: object,
    options: { headers?: Record<string, string>; as?: Account } = {},
  ): Promise<Answer> =>
    gateway.request(method, path, {
      token: (options.as ?? gateway.admin).token,
      ...(json && { json }),
      ...(options.headers && { headers: options.headers }),
    });

  /** Versions with the values 1, 2 and 3. */
  async function threeVersions(): Promise<string> {
    const id = await gateway.createWorkflow({ definition: { name: 'First', ...graph(1, 50) } });
    expectStatus(await call('PUT', `/workflows/${id}`, { name: 'Second', ...graph(2) }), 200);
    expectStatus(await call('PUT', `/workflows/${id}`, { name: 'Third', ...graph(3) }), 200);
    return id;
  }

  describe('versions', () => {
    it('are listed newest first, page by page', async () => {
      const id = await threeVersions();

      const first = await call('GET', `/workflows/${id}/versions?limit=2`);
      const next = new URL(/<([^>]*)>/.exec(first.headers.get('link') ?? '')?.[1] ?? '', gateway.url);
      const second = await gateway.request('GET', `//${(next.pathname + next.search).slice(1)}`, {
        token: gateway.admin.token,
      });

      const shape = (answer: Answer) =>
        answer.body.list().map((each) => [each.at('version'), each.at('name'), each.at('current')]);
      expect(shape(first)).to.deep.equal([
        [3, 'Third', true],
        [2, 'Second', false],
      ]);
      expect(shape(second)).to.deep.equal([[1, 'First', false]]);
      expect(second.headers.get('link')).to.equal(null);
      expect(first.body.at(0)).to.deep.include({
        ...{ workflow_id: id, node_count: 1, restored_from: null, created_by: 'admin' },
      });
    });

    it('are read as they were published, positions and labels included', async () => {
      const id = await threeVersions();

      const { status, body } = await call('GET', `/workflows/${id}/versions/1`);

      expect(status).to.equal(200);
      expect(body.value).to.deep.include({ version: 1, name: 'First', current: false, edges: [] });
      expect(body.at('nodes', 0, 'position')).to.deep.equal({ x: 50, y: 0 });
      expect(body.at('nodes', 0, 'data', 'label')).to.equal('A');
      for (const version of ['4', '0', '01', '-1', 'x', '99999999999']) {
        const unknown = await call('GET', `/workflows/${id}/versions/${version}`);
        expect(unknown.status, version).to.equal(404);
        expect(unknown.body.at('detail')).to.equal(`Version ${version} of workflow ${id} not found`);
      }
    });

    it('are restored as a new version under the name of now', async () => {
      const id = await threeVersions();
      expectStatus(await call('PUT', `/workflows/${id}/draft`, { nodes: [] }), 200);

      const { status, body, headers } = await call('POST', `/workflows/${id}/versions/1/restore`);

      expect(status).to.equal(200);
      expect(body.value).to.deep.include({ name: 'Third', version: 4, revision: 5 });
      expect(headers.get('etag')).to.equal('"5"');
      expect(body.at('message')).to.equal('Version 1 of workflow Third published as version 4');
      expect(body.at('nodes', 0, 'data', 'config', 'values')).to.deep.equal({ value: 1 });
      expect((await call('GET', `/workflows/${id}/draft`)).status).to.equal(404);
      expect((await call('GET', `/workflows/${id}/versions`)).body.at(0)).to.deep.include({
        ...{ version: 4, restored_from: 1, current: true },
      });
    });

    it('make no new version where nothing would change', async () => {
      const id = await threeVersions();

      const { body } = await call('POST', `/workflows/${id}/versions/3/restore`);

      expect(body.at('version')).to.equal(3);
      expect(body.at('message')).to.equal(
        'Workflow Third has the content of version 3 already; version 3 is still what runs',
      );
    });

    it('are not restored over what somebody else has written', async () => {
      const id = await threeVersions();

      const stale = await call('POST', `/workflows/${id}/versions/1/restore`, undefined, {
        headers: { 'if-match': '"2"' },
      });
      const fresh = await call('POST', `/workflows/${id}/versions/1/restore`, undefined, {
        headers: { 'if-match': '"3"' },
      });

      expect([stale.status, fresh.status]).to.deep.equal([412, 200]);
    });

    it('are checked as if they were saved today, their code too', async () => {
      const definition = {
        name: 'Code',
        nodes: [{ id: 'c', type: 'code', data: { config: { source: 'return 1;' } } }],
      };
      const id = await gateway.createWorkflow({ definition });
      const client = new pg.Client({ connectionString: gateway.database.url });
      await client.connect();
      await client.query(
        `INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by)
         SELECT workflow_id, 9, replace(definition::text, 'return 1;', 'return ((;')::json, fingerprint, created_by
         FROM workflow_versions WHERE workflow_id = $1`,
        [id],
      );
      await client.end();

      const { status, body } = await call('POST', `/workflows/${id}/versions/9/restore`);

      expect(status).to.equal(422);
      expect(body.at('errors', 0, 'type')).to.equal('invalid_code');
    });

    it('of a deleted workflow can be read and not restored', async () => {
      const id = await threeVersions();
      expectStatus(await call('DELETE', `/workflows/${id}`), 204);

      expect((await call('GET', `/workflows/${id}/versions`)).body.list()).to.have.length(3);
      expect((await call('GET', `/workflows/${id}/versions/2`)).status).to.equal(200);
      expect((await call('POST', `/workflows/${id}/versions/2/restore`)).status).to.equal(404);
    });
  });

  describe('deletions', () => {
    it('are taken back', async () => {
      const id = await gateway.createWorkflow();
      expectStatus(await call('DELETE', `/workflows/${id}`), 204);

      const { status, body, headers } = await call('POST', `/workflows/${id}/restore`);

      expect(status).to.equal(200);
      expect(body.value).to.deep.include({ id, version: 1, revision: 3, status: 'active' });
      expect(body.at('deleted_at')).to.equal(undefined);
      expect(headers.get('etag')).to.equal('"3"');
      expect((await call('POST', `/workflows/${id}/execute`, {})).status).to.equal(202);
    });

    it('of a workflow that is not deleted change nothing', async () => {
      const id = await gateway.createWorkflow();

      const { status, body } = await call('POST', `/workflows/${id}/restore`);

      expect(status).to.equal(200);
      expect(body.at('revision')).to.equal(1);
    });

    it('are listed the last one first, for those who may take them back', async () => {
      const remover = await gateway.createUser({ scopes: ['workflow:read', 'workflow:delete'] });
      const make = (name: string) =>
        gateway.createWorkflow({
          owner: remover.username,
          definition: { ...ONE_NODE, name, metadata: { tags: [`tag of ${name}`] } },
        });
      const [one, two, three] = [await make('one'), await make('two'), await make('three')];
      const foreign = await gateway.createWorkflow();
      for (const id of [two, one, foreign]) expectStatus(await call('DELETE', `/workflows/${id}`), 204);

      const list = async (query: string, as?: Account) =>
        (await call('GET', `/workflows?deleted=true&${query}`, undefined, as && { as })).body.list();
      const ids = async (query: string, as?: Account) => (await list(query, as)).map((each) => each.at('id'));

      expect(await ids('', remover)).to.deep.equal([one, two]);
      expect((await ids('limit=200')).slice(0, 3)).to.deep.equal([foreign, one, two]);
      expect(await ids(`owner=${remover.username}&search=tw`)).to.deep.equal([two]);
      expect(await ids('tag=tag%20of%20one', remover)).to.deep.equal([one]);
      expect((await list('', remover))[0]?.text('deleted_at')).to.match(/Z$/);
      expect(
        (await call('GET', '/workflows', undefined, { as: remover })).body
          .list()
          .map((each) => each.at('id')),
      ).to.deep.equal([three]);

      const first = await call('GET', '/workflows?deleted=true&limit=1', undefined, { as: remover });
      const cursor = new URLSearchParams(/\?([^>]*)>/.exec(first.headers.get('link') ?? '')?.[1]).get(
        'cursor',
      );
      expect(await ids(`limit=1&cursor=${cursor ?? ''}`, remover)).to.deep.equal([two]);

      const refused = await call('GET', '/workflows?deleted=true', undefined, { as: gateway.user });
      expect([refused.status, refused.body.at('detail')]).to.deep.equal([
        403,
        "Operation requires 'workflow:delete' scope",
      ]);
    });
  });
});

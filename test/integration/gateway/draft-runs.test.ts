import { executionUuid } from '@millrace/contracts';
import { deleteUnusedTests } from '@millrace/persistence';
import { expect } from 'chai';
import type { Answer } from '../../support/http.js';
import { type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { createPlayer, type Player } from './support/player.js';

const node = (id: string, data: object = {}) => ({
  id,
  type: 'set',
  data: { config: { values: {} }, ...data },
});
const DEFINITION = { name: 'Published', nodes: [node('a')], edges: [] };
const DRAFT = {
  name: 'Draft',
  nodes: [node('a', { pinned_output: 1 }), node('b')],
  edges: [{ source: 'a', target: 'b' }],
};

describe('test runs of drafts', () => {
  let gateway: GatewayUnderTest;
  let player: Player;
  before(async () => {
    gateway = await startGateway();
    player = await createPlayer(gateway.database.url);
  });
  after(async () => {
    await player.stop();
    await gateway.stop();
  });

  const call = (
    method: string,
    path: string,
    json?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    gateway.request(method, path, { token: gateway.admin.token, headers, ...(json && { json }) });

  /** A published workflow with a draft, or one that is only drawn. */
  async function setup({
    draft = DRAFT,
    isPublished = true,
  }: { draft?: object; isPublished?: boolean } = {}) {
    const id = isPublished
      ? await gateway.createWorkflow({ definition: DEFINITION })
      : (await call('POST', '/workflows/drafts', { name: 'Sketch' })).body.text('id');
    await call('PUT', `/workflows/${id}/draft`, draft);
    const test = (json?: object, headers?: Record<string, string>): Promise<Answer> =>
      call('POST', `/workflows/${id}/draft/execute`, json, headers);
    return { id, test };
  }
  const read = async (answer: Answer) => {
    expect(answer.status, answer.text).to.equal(202);
    return (await call('GET', `/executions/${answer.body.text('execution_id')}`)).body;
  };
  const versionOf = async (answer: Answer) => Number((await read(answer)).at('workflow_version'));
  const versionsOf = async (id: string): Promise<number[]> => {
    const { rows } = await player.pool.query<{ version: number }>(
      'SELECT version FROM workflow_versions WHERE workflow_id = $1 ORDER BY version DESC',
      [id],
    );
    return rows.map(({ version }) => version);
  };

  it('run what is drawn, are marked, and publish nothing', async () => {
    const { id, test } = await setup();

    const answer = await test({ parameters: { x: 1 } });

    const execution = await read(answer);
    expect(execution.value).to.deep.include({
      test: true,
      steps_total: 2,
      parameters: { x: 1 },
      until_step: null,
    });
    expect(execution.at('workflow_version')).to.be.lessThan(0);
    expect(answer.headers.get('location')).to.include(answer.body.text('execution_id'));
    const workflow = await call('GET', `/workflows/${id}`);
    expect(workflow.body.value).to.include({ version: 1, revision: 1, name: 'Published', node_count: 1 });
    expect((await call('GET', `/workflows/${id}/draft`)).status).to.equal(200);
  });

  it('run to a step', async () => {
    const { test } = await setup();

    expect((await read(await test({ until_step: 'a' }))).value).to.include({
      until_step: 'a',
      steps_total: 1,
    });
    const { status, body } = await test({ until_step: 'ghost' });
    expect([status, body.at('errors', 0, 'loc')]).to.deep.equal([422, ['body', 'until_step']]);
  });

  it('make a version when the draft executes otherwise, and no more', async () => {
    const { id, test } = await setup();
    const [first, ...others] = await Promise.all([test(), test(), test()]);
    for (const other of others) expect(await versionOf(other)).to.equal(await versionOf(first));

    await call('PUT', `/workflows/${id}/draft`, {
      ...DRAFT,
      nodes: [{ ...node('a', { pinned_output: 1 }), position: { x: 5, y: 5 } }, node('b')],
    });
    const moved = await test();
    await call('PUT', `/workflows/${id}/draft`, {
      ...DRAFT,
      nodes: [node('a', { pinned_output: 2 }), node('b')],
    });
    const repinned = await test();

    expect(await versionOf(moved)).to.equal(await versionOf(first));
    expect(await versionOf(repinned)).to.be.lessThan(await versionOf(first));
    expect(await versionsOf(id)).to.deep.equal([1, await versionOf(first), await versionOf(repinned)]);
  });

  it('take what is published where there is no draft', async () => {
    const id = await gateway.createWorkflow({ definition: DEFINITION });

    const execution = await read(await call('POST', `/workflows/${id}/draft/execute`));

    expect(execution.value).to.include({ test: true, steps_total: 1 });
  });

  it('are possible before anything is published, and not of an archived workflow (409)', async () => {
    const unpublished = await setup({ isPublished: false });
    const empty = (await call('POST', '/workflows/drafts', { name: 'Empty' })).body.text('id');
    const archived = await setup();
    await call('PATCH', `/workflows/${archived.id}`, { status: 'archived' });

    expect(await versionOf(await unpublished.test())).to.be.lessThan(0);
    expect((await call('POST', `/workflows/${unpublished.id}/execute`)).status).to.equal(409);
    expect((await call('POST', `/workflows/${empty}/draft/execute`)).status).to.equal(400);
    expect((await archived.test()).status).to.equal(409);
    expect(await versionsOf(archived.id)).to.deep.equal([1]);
  });

  it('are refused as publishing the draft would be, with a loc in the draft', async () => {
    const schema = await setup({ draft: { ...DRAFT, nodes: [{ id: 'a', type: 'ghost' }] } });
    const structure = await setup({ draft: { ...DRAFT, edges: [{ source: 'a', target: 'ghost' }] } });
    const expression = await setup({ draft: { ...DRAFT, nodes: [node('a', { input: '=(' }), node('b')] } });
    const other = await setup({ draft: { ...DRAFT, id: 'another' } });
    const code = { id: 'a', type: 'code', data: { config: { source: 'return (' } } };
    const broken = await setup({ draft: { ...DRAFT, nodes: [code, node('b')] } });

    const answers = await Promise.all(
      [schema, structure, expression, other, broken].map(({ test }) => test()),
    );

    expect(answers.map(({ status, body }) => [status, body.at('errors', 0, 'loc')])).to.deep.equal([
      [422, ['draft', 'nodes', 0, 'type']],
      [400, ['draft', 'edges', 0, 'target']],
      [422, ['draft', 'nodes', 0, 'data', 'input']],
      [422, ['draft', 'id']],
      [422, ['draft', 'nodes', 0, 'data', 'config', 'source']],
    ]);
    expect(await versionsOf(structure.id)).to.deep.equal([1]);
  });

  it('check parameters by the draft’s schema', async () => {
    const { test } = await setup({
      draft: { ...DRAFT, parameters_schema: { type: 'object', required: ['name'] } },
    });

    const { status, body } = await test({ parameters: {} });

    expect([status, body.at('errors', 0, 'loc')]).to.deep.equal([422, ['body', 'parameters', 'name']]);
    expect((await test({ parameters: { name: 'x' } })).status).to.equal(202);
  });

  it('compare If-Match with the revision of the draft (412)', async () => {
    const { id, test } = await setup();
    const { headers } = await call('GET', `/workflows/${id}/draft`);

    expect((await test({}, { 'if-match': headers.get('etag') ?? '' })).status).to.equal(202);
    expect((await test({}, { 'if-match': '"999"' })).status).to.equal(412);
  });

  it('answer with the same execution under an idempotency key, unless the draft was changed (409)', async () => {
    const { id, test } = await setup();
    const key = { 'idempotency-key': 'tested' };
    const first = await test({}, key);

    const again = await test({}, key);
    await call('PUT', `/workflows/${id}/draft`, {
      ...DRAFT,
      nodes: [node('a'), node('b', { disabled: true })],
    });
    const changed = await test({}, key);

    expect(again.body.at('execution_id')).to.equal(first.body.at('execution_id'));
    expect(changed.status).to.equal(409);
  });

  it('have a version that can be read, and is neither listed nor restored', async () => {
    const { id, test } = await setup();
    const version = await versionOf(await test());
    const at = `/workflows/${id}/versions`;

    const found = await call('GET', `${at}/${version}`);
    const listed = (await call('GET', at)).body.list().map((each) => each.at('version'));

    expect(found.body.value).to.include({ version, name: 'Draft', node_count: 2, current: false });
    expect(listed).to.deep.equal([1]);
    expect((await call('POST', `${at}/${version}/restore`)).status).to.equal(404);
    expect((await call('GET', `${at}/-0`)).status).to.equal(404);
  });

  it('are none of the newest runs in the list of workflows', async () => {
    const { id, test } = await setup();
    await test();
    const published = await gateway.execute(id);
    await test();

    const workflows = (await call('GET', '/workflows?recent_runs=5&limit=200')).body.list();

    const runs = workflows.find((each) => each.at('id') === id)?.at('recent_runs');
    expect(runs).to.be.an('array').with.length(1);
    expect(runs).to.have.nested.property('[0].execution_id', published);
  });

  it('answer 404 for an unknown workflow', async () => {
    expect((await call('POST', '/workflows/wf_unknown/draft/execute')).status).to.equal(404);
  });

  it('tell no callback of the workflow, and one of their own', async () => {
    const { id, test } = await setup();
    await call('PUT', `/workflows/${id}/callback`, { url: 'https://example.com/done' });

    const silent = await test();
    const own = await test({ callback: { url: 'https://example.com/tested' } });

    const told = async (answer: Answer) => {
      const { rows } = await player.pool.query('SELECT 1 FROM callbacks WHERE execution_id = $1', [
        executionUuid(answer.body.text('execution_id')),
      ]);
      return rows.length;
    };
    expect([await told(silent), await told(own)]).to.deep.equal([0, 1]);
  });

  it('take nothing over into a run of what is published', async () => {
    const { id, test } = await setup();
    const tested = (await test()).body.text('execution_id');
    await player.complete(tested, { a: 1, b: 'B' });
    await call('PUT', `/workflows/${id}`, DRAFT);

    const real = await call('POST', `/executions/${tested}/rerun`, { version: 'latest', from_step: 'b' });
    const again = await call('POST', `/executions/${tested}/rerun`, { from_step: 'b' });

    expect(real.body.at('reused_steps')).to.deep.equal([]);
    expect((await read(real)).value).to.include({ test: false, workflow_version: 2 });
    expect(again.body.at('reused_steps')).to.deep.equal(['a']);
    expect(await versionOf(again)).to.be.lessThan(0);
  });

  it('are filtered by `test`', async () => {
    const { id, test } = await setup();
    const tested = (await test()).body.text('execution_id');
    const published = await gateway.execute(id);

    const listOf = async (query: string) =>
      (await call('GET', `/workflows/${id}/executions?${query}`)).body
        .list()
        .map((e) => e.at('execution_id'));

    expect(await listOf('test=true')).to.deep.equal([tested]);
    expect(await listOf('test=false')).to.deep.equal([published]);
    expect(await listOf('test=true&status=queued')).to.deep.equal([tested]);
    expect(await listOf('limit=9')).to.deep.equal([published, tested]);
  });

  it('leave versions that go when their executions have, two days later', async () => {
    const { id, test } = await setup();
    const used = await versionOf(await test());
    const [oldUnused, oldUsed, youngUnused] = [-1_000_001, -1_000_002, -1_000_003];
    await player.pool.query(
      `INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by, created_at)
       SELECT workflow_id, n, definition, fingerprint, created_by, now() - make_interval(days => d)
       FROM workflow_versions, unnest($3::int[], $4::int[]) AS t(n, d) WHERE workflow_id = $1 AND version = $2`,
      [id, used, [oldUnused, oldUsed, youngUnused], [3, 3, 1]],
    );
    await player.pool.query(
      `UPDATE executions SET workflow_version = $2 WHERE workflow_id = $1 AND workflow_version = $3`,
      [id, oldUsed, used],
    );

    expect(await deleteUnusedTests(player.pool)).to.equal(1);

    expect(await versionsOf(id)).to.deep.equal([1, used, oldUsed, youngUnused]);
  });
});

import { executionUuid } from '@millrace/contracts';
import { expect } from 'chai';
import {
  type Account,
  expectStatus,
  type GatewayUnderTest,
  ONE_NODE,
  startGateway,
} from '../../support/platform.js';
import { createPlayer, type Player } from './support/player.js';

describe('lists of executions', () => {
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

  const get = async (path: string, who: Account = gateway.admin) =>
    gateway.request('GET', path, { token: who.token });
  const ids = async (query: string, who?: Account) =>
    expectStatus(await get(`/executions?${query}`, who), 200)
      .body.list()
      .map((each) => each.at('execution_id'));

  /** A workflow of a new user with an execution that waits for a worker, one that failed and one that completed. */
  async function seed() {
    const owner = await gateway.createUser({
      scopes: ['workflow:read', 'workflow:write', 'workflow:execute'],
    });
    const tag = `tag-of-${owner.username}`;
    const definition = { ...ONE_NODE, name: 'Invoices', metadata: { tags: [tag] } };
    const workflow = await gateway.createWorkflow({ owner: owner.username, definition });
    const queued = await gateway.execute(workflow, {}, owner.token);
    const failed = await gateway.execute(workflow, {}, owner.token);
    const completed = await gateway.execute(workflow);
    await player.fail(failed, { step: 'greet', code: 'no_such_city' });
    await player.complete(completed, { greet: 1 });
    return { owner, tag, workflow, queued, failed, completed };
  }

  it('name the workflow of each, as it is called now', async () => {
    const { owner, workflow, queued } = await seed();
    await gateway.request('PUT', `/workflows/${workflow}`, {
      token: owner.token,
      json: { ...ONE_NODE, name: 'Bills' },
    });

    const names = (await get(`/workflows/${workflow}/executions`, owner)).body.list();
    expect(names.map((each) => each.at('workflow_name'))).to.deep.equal(['Bills', 'Bills', 'Bills']);
    expect((await get(`/executions/${queued}`, owner)).body.at('workflow_name')).to.equal('Bills');
  });

  it('take several statuses, and what people look for', async () => {
    const { owner, tag, workflow, queued, failed, completed } = await seed();
    await gateway.request('PUT', `/workflows/${workflow}`, {
      token: owner.token,
      json: { ...ONE_NODE, name: 'Second', metadata: { tags: [tag] }, timeout_seconds: 5 },
    });
    const second = await gateway.execute(workflow, {}, owner.token);

    expect(await ids('status=failed,queued', owner)).to.deep.equal([second, failed, queued]);
    expect(await ids('status=failed&status=completed', owner)).to.deep.equal([completed, failed]);
    expect(await ids('error_code=no_such_city', owner)).to.deep.equal([failed]);
    expect(await ids(`workflow=${workflow}&version=2`)).to.deep.equal([second]);
    expect(await ids(`tag=${tag}`)).to.deep.equal([second, completed, failed, queued]);
    expect(await ids(`tag=${tag}&status=failed`)).to.deep.equal([failed]);
    expect(await ids('tag=nobody-has-it')).to.deep.equal([]);
    expect(await ids(`submitted_by=${owner.username}`)).to.deep.equal([second, failed, queued]);
    expect(await ids(`owner=${owner.username}&submitted_by=admin`)).to.deep.equal([completed]);
    expect(await ids('submitted_by=nobody')).to.deep.equal([]);
    expect(await ids(`id_prefix=${failed}`, owner)).to.deep.equal([failed]);
    expect(await ids(`id_prefix=${failed.slice('exec_'.length, -1)}`, owner)).to.include(failed);
    expect(await ids(`id_prefix=${failed.slice(0, 'exec_'.length + 4)}`, owner)).to.have.length(4);
    expect(await ids('id_prefix=ffff', owner)).to.deep.equal([]);
    expect(
      (await get(`/workflows/${workflow}/executions?status=failed,completed&version=1`, owner)).body.list(),
    ).to.have.length(2);
  });

  it('tell what a step of another started from the rest', async () => {
    const { owner, queued, failed, completed } = await seed();
    await player.pool.query('UPDATE executions SET parent_id = $1 WHERE id = $2', [
      executionUuid(queued),
      executionUuid(failed),
    ]);

    expect(await ids('child=true', owner)).to.deep.equal([failed]);
    expect(await ids('child=false', owner)).to.deep.equal([completed, queued]);
    expect(await ids('child=false&status=queued,failed', owner)).to.deep.equal([queued]);
    const counted = await get('/executions/counts?child=false', owner);
    expect(counted.body.at('counts', 'failed', 'count')).to.equal(0);
    const answer = await gateway.request('POST', '/executions/bulk', {
      token: owner.token,
      json: { action: 'retry', filter: { child: false, status: ['failed'] } },
    });
    expect(answer.body.at('matched')).to.equal(0);
  });

  it('go on behind the last of several statuses', async () => {
    const { owner, queued, failed, completed } = await seed();

    const first = await get('/executions?status=queued,failed,completed&limit=2', owner);
    const cursor = new URLSearchParams(/\?([^>]*)>/.exec(first.headers.get('link') ?? '')?.[1]).get('cursor');

    expect(first.body.list().map((each) => each.at('execution_id'))).to.deep.equal([completed, failed]);
    expect(await ids(`status=queued,failed,completed&limit=2&cursor=${cursor ?? ''}`, owner)).to.deep.equal([
      queued,
    ]);
  });

  for (const query of [
    'status=failed,gone',
    'status=',
    'id_prefix=xyz',
    'version=0',
    'error_code=',
    'child=maybe',
    'tag=',
  ]) {
    it(`refuse ${query}`, async () => {
      expect((await get(`/executions?${query}`)).status).to.equal(422);
      expect((await get(`/executions/counts?${query}`)).status).to.equal(422);
    });
  }

  it('are counted by status, under the same conditions', async () => {
    const { owner, tag, workflow } = await seed();
    const other = await gateway.createUser();
    const of = (count: number) => ({ count, exact: true });
    const counts = async (query: string, who?: Account) =>
      expectStatus(await get(`/executions/counts?${query}`, who), 200).body.at('counts');

    expect(await counts('', owner)).to.deep.equal({
      ...{ queued: of(1), running: of(0), waiting: of(0), paused: of(0) },
      ...{ completed: of(1), failed: of(1), cancelled: of(0), timed_out: of(0) },
    });
    expect(await counts(`workflow=${workflow}&status=failed,completed`)).to.deep.equal({
      failed: of(1),
      completed: of(1),
    });
    expect(await counts(`tag=${tag}&submitted_by=admin&status=completed,failed`)).to.deep.equal({
      completed: of(1),
      failed: of(0),
    });
    expect(await counts('status=failed', other)).to.deep.equal({ failed: of(0) });
    expect(await counts('owner=admin&status=failed', other)).to.deep.equal({ failed: of(0) });
    expect((await get(`/executions/counts?workflow=${workflow}`, other)).status).to.equal(403);
    expect((await get('/executions/counts?workflow=wf_unknown')).status).to.equal(404);
  });

  it('are what a bulk request reaches by the same conditions', async () => {
    const { owner, tag } = await seed();
    const matched = async (action: string, filter: object) =>
      expectStatus(
        await gateway.request('POST', '/executions/bulk?dry_run=true', {
          token: owner.token,
          json: { action, filter },
        }),
        200,
      ).body.at('matched');

    expect(await matched('retry', { error_code: 'no_such_city' })).to.equal(1);
    expect(await matched('retry', { tag, version: 1 })).to.equal(1);
    expect(await matched('retry', { tag, version: 2 })).to.equal(0);
    expect(await matched('cancel', { submitted_by: owner.username })).to.equal(1);
    expect(await matched('cancel', { submitted_by: 'admin' })).to.equal(0);
    expect(await matched('cancel', { submitted_by: 'nobody' })).to.equal(0);
  });
});

import { executionUuid } from '@millrace/contracts';
import { expect } from 'chai';
import { type Account, type GatewayUnderTest, ONE_NODE, startGateway } from '../../support/platform.js';
import { createPlayer, type Player } from './support/player.js';

describe('dead letters', () => {
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

  const call = (method: string, path: string, json?: object, who: Account = gateway.admin) =>
    gateway.request(method, path, { token: who.token, ...(json && { json }) });
  const groups = async (query: string, who?: Account) =>
    (await call('GET', `/dead-letters${query}`, undefined, who)).body.list();

  async function failed(workflow: string, message: string): Promise<string> {
    const id = await gateway.execute(workflow);
    await player.fail(id, { step: 'greet', message });
    return id;
  }

  /** Two failures of one cause and one of another, of a workflow of its own. */
  async function setup(owner = 'admin') {
    const workflow = await gateway.createWorkflow({ definition: ONE_NODE, owner });
    const ids = [
      await failed(workflow, 'Answered 503 after 2 s'),
      await failed(workflow, 'Answered 500 after 31 s'),
    ];
    const other = await failed(workflow, 'Refused');
    const [, first] = await groups(`?workflow=${workflow}`);
    return { workflow, ids, other, fingerprint: first?.text('fingerprint') ?? '' };
  }

  it('are grouped by cause, the latest failure first', async () => {
    const { workflow, ids, other, fingerprint } = await setup();

    const found = await groups(`?workflow=${workflow}`);

    expect(found.map((group) => [group.at('count'), group.at('executions')])).to.deep.equal([
      [1, [other]],
      [2, ids.toReversed()],
    ]);
    expect(found[1]?.value).to.deep.include({
      ...{
        fingerprint,
        workflow_id: workflow,
        code: 'boom',
        step_id: 'greet',
        message: 'Answered 500 after 31 s',
      },
    });
    const [first, last] = [found[1]?.text('first_seen') ?? '', found[1]?.text('last_seen') ?? ''];
    expect(Date.parse(first)).to.be.below(Date.parse(last));
    const execution = await call('GET', `/executions/${other}`);
    expect(execution.body.at('error_fingerprint')).to.equal(found[0]?.at('fingerprint'));
  });

  it('come page by page, and are filtered by time', async () => {
    const { workflow } = await setup();

    const first = await call('GET', `/dead-letters?workflow=${workflow}&limit=1`);
    const next = /<\/api\/v1([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await call('GET', next);
    const lastSeen = second.body.text(0, 'last_seen');
    const since = new Date(Date.parse(lastSeen) + 1).toISOString();

    expect(first.body.list()).to.have.length(1);
    expect(second.body.list()).to.have.length(1);
    expect(second.headers.get('link')).to.equal(null);
    expect(second.body.at(0, 'fingerprint')).not.to.equal(first.body.at(0, 'fingerprint'));
    expect(await groups(`?workflow=${workflow}&since=${since}`)).to.have.length(1);
    expect((await call('GET', '/dead-letters?cursor=nonsense')).status).to.equal(422);
  });

  it('list their executions, newest first', async () => {
    const { ids, fingerprint } = await setup();

    const page = await call('GET', `/dead-letters/${fingerprint}/executions?limit=1`);
    const all = await call('GET', `/dead-letters/${fingerprint}/executions`);
    const filtered = await call('GET', `/executions?error_fingerprint=${fingerprint}`);

    const idsOf = (answer: typeof all) => answer.body.list().map((item) => item.at('execution_id'));
    expect(idsOf(page)).to.deep.equal([ids[1]]);
    expect(page.headers.get('link')).to.include('cursor=');
    expect(idsOf(all)).to.deep.equal(ids.toReversed());
    expect(idsOf(filtered)).to.deep.equal(ids.toReversed());
  });

  it('are redriven, the oldest first, and leave', async () => {
    const { workflow, ids, other, fingerprint } = await setup();

    const first = await call('POST', `/dead-letters/${fingerprint}/redrive`, { limit: 1 });
    const rest = await call('POST', `/dead-letters/${fingerprint}/redrive`);
    const again = await call('POST', `/dead-letters/${fingerprint}/redrive`);

    expect(first.body.value).to.deep.include({ matched: 1, succeeded: 1, more: true });
    expect(first.body.at('created', 0, 'retry_of')).to.equal(ids[0]);
    expect(rest.body.value).to.deep.include({ matched: 1, succeeded: 1, more: false });
    expect(again.body.value).to.deep.include({ matched: 0, succeeded: 0 });
    expect((await groups(`?workflow=${workflow}`)).map((group) => group.at('executions'))).to.deep.equal([
      [other],
    ]);
    const retry = await call('GET', `/executions/${rest.body.text('created', 0, 'execution_id')}`);
    expect(retry.body.value).to.include({ retry_of: ids[1], status: 'queued' });
  });

  it('are redriven once, also by two at once', async () => {
    const { ids, fingerprint } = await setup();
    await call('POST', `/executions/${ids[0] ?? ''}/retry`);

    const both = await Promise.all([1, 2].map(() => call('POST', `/dead-letters/${fingerprint}/redrive`)));

    const created = both.flatMap((answer) => answer.body.list('created').map((item) => item.value));
    expect(new Set(created.map((item) => JSON.stringify(item)))).to.have.length(1);
    expect(created[0]).to.deep.include({ retry_of: ids[1] });
    expect((await call('GET', `/dead-letters/${fingerprint}/executions`)).body.list()).to.deep.equal([]);
  });

  it('are discarded, and stay as they are', async () => {
    const { workflow, ids, fingerprint } = await setup();

    const answer = await call('POST', `/dead-letters/${fingerprint}/discard`);
    const again = await call('POST', `/dead-letters/${fingerprint}/discard`);

    expect([answer.body.value, again.body.value]).to.deep.equal([{ discarded: 2 }, { discarded: 0 }]);
    expect(await groups(`?workflow=${workflow}`)).to.have.length(1);
    expect((await call('GET', `/executions/${ids[0] ?? ''}`)).body.value).to.include({
      ...{ status: 'failed', resolution: 'discarded', error_fingerprint: fingerprint },
    });
  });

  it('begin a new group with the next failure', async () => {
    const { workflow, fingerprint } = await setup();
    await call('POST', `/dead-letters/${fingerprint}/discard`);
    const id = await failed(workflow, 'Answered 502 after 1 s');

    const [group] = await groups(`?workflow=${workflow}`);

    expect(group?.value).to.deep.include({ fingerprint, count: 1, executions: [id] });
  });

  it('leave when they are retried one by one', async () => {
    const { workflow, other } = await setup();
    await call('POST', `/executions/${other}/retry`);

    expect((await groups(`?workflow=${workflow}`)).map((group) => group.at('count'))).to.deep.equal([2]);
  });

  it('do not hold what was cancelled, nor children whose parent waits', async () => {
    const workflow = await gateway.createWorkflow({ definition: ONE_NODE });
    const cancelled = await gateway.execute(workflow);
    await call('POST', `/executions/${cancelled}/cancel`);
    const [attached, detached] = [await failed(workflow, 'attached'), await failed(workflow, 'detached')];
    await player.pool.query('UPDATE executions SET parent_id = id WHERE id = ANY($1)', [
      [attached, detached].map(executionUuid),
    ]);
    await player.pool.query('UPDATE executions SET detached = true WHERE id = $1', [executionUuid(detached)]);

    const found = await groups(`?workflow=${workflow}`);

    expect(found.map((group) => group.at('executions'))).to.deep.equal([[detached]]);
  });

  it('are those of one’s own workflows', async () => {
    const mine = await setup('user');
    const foreign = await setup();

    const seen = (await groups('?limit=200', gateway.user)).map((group) => group.at('workflow_id'));
    const ofAdmin = await groups('?owner=admin', gateway.user);
    const list = await call('GET', `/dead-letters?workflow=${foreign.workflow}`, undefined, gateway.user);
    const statuses: number[] = [];
    for (const [method, path] of [
      ['GET', 'executions'],
      ['POST', 'redrive'],
      ['POST', 'discard'],
    ] as const) {
      statuses.push(
        (await call(method, `/dead-letters/${foreign.fingerprint}/${path}`, undefined, gateway.user)).status,
      );
    }
    const own = await call('POST', `/dead-letters/${mine.fingerprint}/discard`, undefined, gateway.user);

    expect(seen).to.include(mine.workflow).and.not.to.include(foreign.workflow);
    expect(ofAdmin).to.deep.equal([]);
    expect(list.status).to.equal(403);
    expect(statuses).to.deep.equal([404, 404, 404]);
    expect(own.body.at('discarded')).to.equal(2);
  });

  it('are unknown under a fingerprint that is none', async () => {
    for (const fingerprint of ['0'.repeat(32), 'x', "' OR 1=1", '%00', 'a'.repeat(500)]) {
      const answer = await call('GET', `/dead-letters/${encodeURIComponent(fingerprint)}/executions`);
      expect(answer.status, fingerprint).to.equal(404);
    }
  });
});

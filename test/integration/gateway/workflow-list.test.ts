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

describe('the list of workflows', () => {
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

  const author = () => gateway.createUser({ scopes: ['workflow:read', 'workflow:execute'] });
  const make = (owner: Account, name: string) =>
    gateway.createWorkflow({ owner: owner.username, definition: { ...ONE_NODE, name } });

  /** The ids on every page. */
  async function ids(who: Account, query: string): Promise<unknown[]> {
    const found: unknown[] = [];
    for (let cursor = ''; ;) {
      const answer = await gateway.request('GET', `/workflows?${query}${cursor}`, { token: who.token });
      found.push(
        ...expectStatus(answer, 200)
          .body.list()
          .map((each) => each.at('id')),
      );
      const next = new URLSearchParams(/\?([^>]*)>/.exec(answer.headers.get('link') ?? '')?.[1]).get(
        'cursor',
      );
      if (next === null) return found;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
  }

  it('is sorted by name, change or age, page by page', async () => {
    const owner = await author();
    const banana = await make(owner, 'banana');
    const apple = await make(owner, 'Apple');
    const cherry = await make(owner, `cherry ${'x'.repeat(180)}`);
    const second = await make(owner, 'apple');
    expectStatus(
      await gateway.request('PATCH', `/workflows/${apple}`, {
        token: gateway.admin.token,
        json: { status: 'archived' },
      }),
      200,
    );

    for (const limit of [1, 2, 50]) {
      const page = `limit=${limit}`;
      expect(await ids(owner, `${page}&sort=name`)).to.deep.equal([apple, second, banana, cherry]);
      expect(await ids(owner, `${page}&sort=updated_at`)).to.deep.equal([apple, second, cherry, banana]);
      expect(await ids(owner, `${page}&sort=created_at`)).to.deep.equal([second, cherry, apple, banana]);
      expect(await ids(owner, `${page}&sort=name&search=ap`)).to.deep.equal([apple, second]);
      expect(await ids(owner, `${page}&sort=updated_at&search=ap`)).to.deep.equal([apple, second]);
      expect(await ids(owner, `${page}&search=ap`)).to.deep.equal([second, apple]);
      expect(await ids(gateway.admin, `${page}&sort=name&owner=${owner.username}`)).to.deep.equal([
        ...[apple, second, banana, cherry],
      ]);
    }
  });

  it('refuses the cursor of another order', async () => {
    const owner = await author();
    await make(owner, 'a');
    await make(owner, 'b');
    const answer = await gateway.request('GET', '/workflows?limit=1&sort=name', { token: owner.token });
    const cursor = new URLSearchParams(/\?([^>]*)>/.exec(answer.headers.get('link') ?? '')?.[1]).get(
      'cursor',
    );

    for (const sort of ['created_at', 'updated_at']) {
      const refused = await gateway.request('GET', `/workflows?sort=${sort}&cursor=${cursor ?? ''}`, {
        token: owner.token,
      });
      expect(refused.status).to.equal(422);
    }
  });

  it('shows the newest executions of each workflow', async () => {
    const owner = await author();
    const busy = await make(owner, 'busy');
    const idle = await make(owner, 'idle');
    const [first, second, third] = [
      await gateway.execute(busy, {}, owner.token),
      await gateway.execute(busy, {}, owner.token),
      await gateway.execute(busy, {}, owner.token),
    ];
    await player.complete(first, { greet: 1 });
    await player.fail(second, { step: 'greet' });
    const tested = await gateway.execute(busy, {}, owner.token);
    await player.pool.query('UPDATE executions SET workflow_version = -1 WHERE id = $1', [
      executionUuid(tested),
    ]);

    const list = async (query: string) =>
      (await gateway.request('GET', `/workflows?sort=name&${query}`, { token: owner.token })).body.list();

    const [shown, empty] = await list('recent_runs=2');
    expect(shown?.at('id')).to.equal(busy);
    expect(
      shown?.list('recent_runs').map((each) => [each.at('execution_id'), each.at('status')]),
    ).to.deep.equal([
      [third, 'queued'],
      [second, 'failed'],
    ]);
    expect(shown?.at('recent_runs', 0, 'duration_seconds')).to.equal(null);
    expect(shown?.number('recent_runs', 1, 'duration_seconds')).to.be.at.least(0);
    expect(empty?.at('id')).to.equal(idle);
    expect(empty?.at('recent_runs')).to.deep.equal([]);
    expect((await list(''))[0]?.at('recent_runs')).to.equal(undefined);
    for (const wrong of ['0', '31', 'x']) {
      const refused = await gateway.request('GET', `/workflows?recent_runs=${wrong}`, { token: owner.token });
      expect(refused.status, wrong).to.equal(422);
    }
  });
});

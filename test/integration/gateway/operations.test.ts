import { expect } from 'chai';
import { expectStatus, type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { createPlayer, type Player } from './support/player.js';

describe('operations', () => {
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

  it('tell of queue, workers, throughput and latencies, to administrators', async () => {
    const workflow = await gateway.createWorkflow();
    const [failed, completed] = [await gateway.execute(workflow), await gateway.execute(workflow)];
    await player.fail(failed, { step: 'greet' });
    await player.complete(completed, { greet: 1 });
    await gateway.execute(workflow);
    await player.pool.query(
      `INSERT INTO workers (id, host, pid, version, slots, lease_until)
       VALUES (uuid7(), 'gone', 7, 'test', 4, now() - interval '1 minute')`,
    );

    const { body } = expectStatus(
      await gateway.request('GET', '/operations', { token: gateway.admin.token }),
      200,
    );

    const of = (count: number) => ({ count, exact: true });
    expect(body.at('queue')).to.deep.include({
      ...{ queued: of(1), running: of(0), waiting: of(0), paused: of(0), runnable: of(1) },
      window_size: 5_000,
    });
    expect(body.number('queue', 'oldest_runnable_seconds')).to.be.at.least(0);
    expect(body.list('workers').map((each) => [each.at('host'), each.at('state')])).to.deep.equal([
      ['h', 'alive'],
      ['gone', 'lost'],
    ]);
    expect(body.at('workers', 0)).to.deep.include({ pid: 1, version: 'test', slots: 10, busy: 0 });

    const minutes = body.list('throughput');
    const sum = (key: string) => minutes.reduce((total, minute) => total + minute.number(key), 0);
    expect(minutes).to.have.length(60);
    expect([sum('completed'), sum('failed'), sum('cancelled')]).to.deep.equal([1, 1, 0]);
    expect(minutes.every((minute) => minute.at('exact') === true)).to.equal(true);
    expect(body.list('latency').map((each) => each.at('window_seconds'))).to.deep.equal([900, 3_600]);
    for (const each of body.list('latency')) expect(each.value).to.deep.include({ sample: 2, exact: true });
    expect(body.number('latency', 0, 'queue_wait', 'p95')).to.be.at.least(0);
    expect(body.number('latency', 0, 'duration', 'p50')).to.be.at.least(0);

    const refused = await gateway.request('GET', '/operations', { token: gateway.user.token });
    expect([refused.status, refused.body.at('detail')]).to.deep.equal([
      403,
      "Operation requires 'platform:admin' scope",
    ]);
  });
});

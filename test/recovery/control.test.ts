import type { CrashPoint } from '@millrace/runtime';
import type { StoredEvent } from '@millrace/persistence';
import { executionUuid } from '@millrace/contracts';
import { expect } from 'chai';
import { at, expectSound, only } from '../integration/worker/support/events.js';
import { sendJson, startTarget, type Target } from '../integration/worker/support/target.js';
import { type Engine, startEngine } from '../support/engine.js';
import type { Answer, RequestOptions } from '../support/http.js';
import { expectStatus, type GatewayUnderTest, startGateway } from '../support/platform.js';
import { eventually } from '../support/poll.js';
import { createScratchDatabase, type ScratchDatabase } from '../support/postgres.js';
import { type DoomedGateways, startDoomedGateways } from './support/doomed.js';
import { killAll, spawnService } from './support/processes.js';

/**
 * Gateways that are killed between two effects of one request, which then heals by itself, while a worker and a scheduler
 * run; afterwards whoever asked, and had no answer, asks again. Nothing is lost, and nothing happens twice.
 */
describe('a gateway that is killed', function () {
  this.timeout(180_000);

  let database: ScratchDatabase;
  let engine: Engine;
  let gateway: GatewayUnderTest;
  let doomed: DoomedGateways;
  let target: Target;
  let isMended = false;
  let executions = 0;

  before(async () => {
    database = await createScratchDatabase();
    target = await startTarget();
    target.on('/refuse', (_call, response) => {
      sendJson(response, isMended ? 200 : 400, {});
    });
    engine = await startEngine({ database });
    gateway = await startGateway({ database });
    doomed = startDoomedGateways(gateway.env);
    await engine.startScheduler();
    const env = { DATABASE_URL: database.url, OUTBOUND_ALLOW: target.address };
    await spawnService('worker', env).said('the worker has joined');
  });
  after(async () => {
    doomed.stop();
    await killAll();
    await gateway.stop();
    await engine.stop();
    await target.stop();
    await database.drop({ allowOpen: true });
  });

  const as = (options: RequestOptions = {}): RequestOptions => ({ token: gateway.admin.token, ...options });
  const post = (path: string, options?: RequestOptions): Promise<Answer> =>
    gateway.request('POST', path, as(options));
  const dies = (point: CrashPoint, path: string, options?: RequestOptions, times = 1): Promise<void> =>
    doomed.killByRequest({ point, times }, path, as(options));
  const workflow = (nodes: Step[]): Promise<string> =>
    gateway.createWorkflow({
      definition: {
        name: 'Steered',
        nodes: [...nodes, step('tell', 'http_request', { method: 'POST', url: `${target.url}/tell` })],
        edges: nodes.map((node) => ({ source: node.id, target: 'tell' })),
      },
    });
  const waits = () => workflow([step('hold', 'wait_for_event', { name: 'go', key: '=parameters.key' })]);
  const refuses = () => workflow([step('call', 'http_request', { url: `${target.url}/refuse` })]);

  async function execute(workflowId: string): Promise<string> {
    executions += 1;
    return gateway.execute(workflowId, { key: `execution-${String(executions)}` });
  }

  /** Executions of a workflow that have come so far. */
  async function executed(workflowId: string, count: number, status: string): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) ids.push(await execute(workflowId));
    await Promise.all(ids.map((id) => reaches(id, status)));
    return ids;
  }

  const uuid = (id: string): string => executionUuid(id) ?? id;
  const eventsOf = (id: string): Promise<StoredEvent[]> => engine.events(uuid(id));

  /** Whatever a hint was lost of is due: ten seconds need not go by for that. */
  async function reaches(id: string, status: string): Promise<void> {
    await eventually(
      async () => {
        await engine.pool.query(
          "UPDATE execution_state SET redispatch_at = now() WHERE redispatch_at < now() + interval '10 seconds'",
        );
        expect((await engine.head(uuid(id))).status, id).to.equal(status);
      },
      { timeoutMs: 30_000 },
    );
  }

  /** Ended once, with each result once, and what it tells the world told once. */
  async function expectTold(id: string): Promise<StoredEvent[]> {
    await reaches(id, 'completed');
    const events = await eventsOf(id);
    expectSound(events);
    const key = only(events, 'step_started', 'tell').data['idempotency_key'];
    expect(target.calls.filter(({ idempotencyKey }) => idempotencyKey === key)).to.have.length(1);
    return events;
  }

  async function retriesOf(id: string): Promise<string[]> {
    const { body } = expectStatus(await gateway.request('GET', `/executions?retry_of=${id}`, as()), 200);
    return body.list().map((item) => item.text('execution_id'));
  }

  it('signal_committed_not_dispatched: of a pause, a resume and a skip', async () => {
    const [id = ''] = await executed(await waits(), 1, 'waiting');

    await dies('signal_committed_not_dispatched', `/executions/${id}/pause`);
    await reaches(id, 'paused');
    expectStatus(await post(`/executions/${id}/pause`), 200);
    await dies('signal_committed_not_dispatched', `/executions/${id}/resume`);
    await reaches(id, 'waiting');
    expectStatus(await post(`/executions/${id}/resume`), 200);
    const skip = { json: { output: 'by hand' } };
    await dies('signal_committed_not_dispatched', `/executions/${id}/steps/hold/skip`, skip);
    const events = await expectTold(id);
    expectStatus(await post(`/executions/${id}/steps/hold/skip`, skip), 409);

    expect(only(events, 'paused').data).to.deep.equal({ by: 'admin' });
    expect(events.filter(({ type, data }) => type === 'resumed' && data['by'] === 'admin')).to.have.length(1);
    expect(only(events, 'step_skipped', 'hold').data).to.deep.include({ by: 'admin', output: 'by hand' });
  });

  it('signal_committed_not_dispatched: of an approval and an event', async () => {
    const [asking = ''] = await executed(
      await workflow([step('allow', 'approval', { message: 'Go on?' })]),
      ...([1, 'waiting'] as const),
    );
    const [waiting = ''] = await executed(await waits(), 1, 'waiting');
    const approvals = await gateway.request('GET', `/approvals?execution=${asking}`, as());
    const decide = `/approvals/${approvals.body.text(0, 'approval_id')}/decide`;
    const event = { name: 'go', key: `execution-${String(executions)}`, payload: 1, id: 'event' };

    await dies('signal_committed_not_dispatched', decide, { json: { decision: 'approve' } });
    await dies('signal_committed_not_dispatched', '/events', { json: event });

    const approved = only(await expectTold(asking), 'step_completed', 'allow');
    expect(approved.data).to.deep.include({ branch: 'approved' });
    expect(at(approved, 'output', 'decided_by')).to.deep.equal(['admin']);
    expect(only(await expectTold(waiting), 'step_completed', 'hold').data).to.deep.include({ output: 1 });
    expectStatus(await post(decide, { json: { decision: 'approve' } }), 409);
    const again = expectStatus(await post('/events', { json: event }), 202);
    expect(again.body.value).to.deep.include({ delivered: 1, kept: false });
  });

  it('signal_committed_not_dispatched: in the middle of pausing and resuming many', async () => {
    const workflowId = await waits();
    const ids = await executed(workflowId, 6, 'waiting');
    const bulk = (action: string) => ({ json: { action, filter: { workflow: workflowId } } });

    await dies('signal_committed_not_dispatched', '/executions/bulk', bulk('pause'), 3);
    expectStatus(await post('/executions/bulk', bulk('pause')), 200);
    await Promise.all(ids.map((id) => reaches(id, 'paused')));
    await dies('signal_committed_not_dispatched', '/executions/bulk', bulk('resume'), 3);
    expectStatus(await post('/executions/bulk', bulk('resume')), 200);
    await Promise.all(ids.map((id) => reaches(id, 'waiting')));

    for (const id of ids) {
      const events = await eventsOf(id);
      expect(events.filter(({ type }) => type === 'paused')).to.have.length(1);
      const resumed = events.filter(({ type, data }) => type === 'resumed' && data['by'] === 'admin');
      expect(resumed).to.have.length(1);
    }
  });

  it('submit_committed_not_dispatched: of a retry and a rerun under a key', async () => {
    isMended = false;
    const [id = ''] = await executed(await refuses(), 1, 'failed');
    isMended = true;
    const retry = { headers: { 'Idempotency-Key': 'retry' } };
    const rerun = { headers: { 'Idempotency-Key': 'rerun' }, json: { from_step: 'tell' } };

    await dies('submit_committed_not_dispatched', `/executions/${id}/retry`, retry);
    const [second = ''] = await retriesOf(id);
    const failure = await gateway.request('GET', `/executions/${id}`, as());
    await expectTold(second);
    const again = expectStatus(await post(`/executions/${id}/retry`, retry), 202);
    await dies('submit_committed_not_dispatched', `/executions/${second}/rerun`, rerun);
    const [third = ''] = await retriesOf(second);
    await reaches(third, 'completed');
    expectStatus(await post(`/executions/${second}/rerun`, rerun), 202);

    expect(failure.body.at('resolution')).to.equal('retried');
    expect(again.body.at('execution_id')).to.equal(second);
    expect([await retriesOf(id), await retriesOf(second)]).to.deep.equal([[second], [third]]);
    const events = await eventsOf(third);
    expectSound(events);
    expect(only(events, 'step_reused', 'call').data['from_execution']).to.equal(second);
  });

  it('submit_committed_not_dispatched: in the middle of retrying and redriving many', async () => {
    const workflowId = await refuses();
    isMended = false;
    const ids = await executed(workflowId, 5, 'failed');
    isMended = true;
    const byFilter = { json: { action: 'retry', filter: { workflow: workflowId } } };
    const groups = await gateway.request('GET', `/dead-letters?workflow=${workflowId}`, as());
    const redrive = `/dead-letters/${groups.body.text(0, 'fingerprint')}/redrive`;

    await dies('submit_committed_not_dispatched', redrive, { json: { limit: 2 } });
    await dies('submit_committed_not_dispatched', '/executions/bulk', byFilter);
    expectStatus(await post('/executions/bulk', byFilter), 200);
    const left = expectStatus(await post(redrive), 200);

    expect(left.body.at('matched')).to.equal(0);
    for (const id of ids) {
      const retries = await retriesOf(id);
      expect(retries, id).to.have.length(1);
      await expectTold(retries[0] ?? '');
    }
  });

  it('fence_committed_not_ended: it goes on, and can be cancelled again', async () => {
    const [one = '', other = ''] = await executed(await waits(), 2, 'waiting');
    const key = `execution-${String(executions)}`;

    await dies('fence_committed_not_ended', `/executions/${one}/cancel`);
    await dies('fence_committed_not_ended', `/executions/${other}/cancel`);
    const cancelled = expectStatus(await post(`/executions/${one}/cancel`), 200);
    expectStatus(await post('/events', { json: { name: 'go', key } }), 202);

    expect(cancelled.body.at('status')).to.equal('cancelled');
    const events = await eventsOf(one);
    expectSound(events);
    expect(only(events, 'cancelled').data).to.deep.include({ by: 'admin' });
    await expectTold(other);
  });
});

interface Step {
  id: string;
  type: string;
  data: { config: object };
}

function step(id: string, type: string, config: object): Step {
  return { id, type, data: { config } };
}

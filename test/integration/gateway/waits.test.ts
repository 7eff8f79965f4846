import { executionUuid, type Wait } from '@millrace/contracts';
import { claimExecutions, readSignals } from '@millrace/persistence';
import type { OpenWait } from '@millrace/runtime';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type Account, expectStatus, type GatewayUnderTest, startGateway } from '../../support/platform.js';
import { type RuntimeSetup, startRuntime } from '../../support/runtime.js';

describe('approvals and events over HTTP', () => {
  let gateway: GatewayUnderTest;
  let engine: RuntimeSetup;
  let workflow: string;
  before(async () => {
    gateway = await startGateway();
    engine = await startRuntime({ database: gateway.database });
    workflow = await gateway.createWorkflow({ owner: 'user' });
  });
  after(async () => {
    await engine.stop();
    await gateway.stop();
  });

  /** An execution of `user`'s workflow, submitted by them, whose claimer waits for this. */
  async function waitingFor(wait: Wait, changes: Partial<OpenWait> = {}): Promise<string> {
    const id = await gateway.execute(workflow, {}, gateway.user.token);
    const [claim] = await claimExecutions(engine.pool, randomUUID(), [executionUuid(id) ?? '']);
    if (claim === undefined) throw new Error('not claimed');
    const task = { stepId: 'ask', iteration: null, attempt: 1, dueAt: null, wait, ...changes };
    const execution = { ...claim, workflowName: 'One node' };
    await engine.runtime.worker.openWaits(execution, [task], new AbortController().signal);
    return id;
  }

  async function asked(policy: Partial<Extract<Wait, { type: 'approval' }>> = {}): Promise<string> {
    const execution = await waitingFor({
      ...{ type: 'approval', message: 'Ship it?', approvers: [], required: 1, exclude_submitter: false },
      ...policy,
    });
    const { body } = expectStatus(await as(gateway.admin, 'GET', `/approvals?execution=${execution}`), 200);
    return body.list()[0]?.text('approval_id') ?? '';
  }

  const as = (who: Account, method: string, path: string, json?: object) =>
    gateway.request(method, path, { token: who.token, ...(json && { json }) });
  const decide = (who: Account, id: string, json: object) => as(who, 'POST', `/approvals/${id}/decide`, json);

  it('shows an approval with what is asked, and takes the decision', async () => {
    const id = await asked({ default_outcome: 'rejected' });

    const open = expectStatus(await as(gateway.user, 'GET', `/approvals/${id}`), 200).body;
    const decided = expectStatus(
      await decide(gateway.user, id, { decision: 'approve', comment: 'fine', output: { n: 1 } }),
      200,
    ).body;

    expect(open.value).to.deep.include({
      kind: 'approval',
      status: 'open',
      workflow_id: workflow,
      workflow_name: 'One node',
      message: 'Ship it?',
      owner: 'user',
      submitted_by: 'user',
      iteration: null,
      default_outcome: 'rejected',
      may_decide: true,
    });
    expect(decided.value).to.deep.include({ status: 'approved', may_decide: false });
    expect(decided.list('decisions')[0]?.value).to.deep.include({
      by: 'user',
      decision: 'approve',
      comment: 'fine',
      output: { n: 1 },
    });
  });

  it('says why a decision is not taken', async () => {
    const other = await gateway.createUser();
    const open = await asked();
    const twice = await asked({ approvers: ['user', other.username], required: 2 });
    const excluding = await asked({ exclude_submitter: true });
    await decide(gateway.user, twice, { decision: 'approve' });

    const answers = [
      await decide(other, open, { decision: 'approve' }),
      await decide(gateway.user, open, { decision: 'retry' }),
      await decide(gateway.user, open, { decision: 'approve', surprise: 1 }),
      await decide(gateway.user, twice, { decision: 'reject' }),
      await decide(gateway.user, excluding, { decision: 'approve' }),
      await decide(gateway.admin, 'appr_00000000-0000-7000-8000-000000000000', { decision: 'approve' }),
      await decide(gateway.admin, 'nonsense', { decision: 'approve' }),
      await decide(gateway.admin, open, { decision: 'approve', output: 'x'.repeat(70_000) }),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([403, 422, 422, 409, 403, 404, 404, 422]);
    expect(answers[3]?.body.at('detail')).to.contain('before');
    expectStatus(await decide(other, twice, { decision: 'approve' }), 200);
    const late = expectStatus(await decide(gateway.admin, twice, { decision: 'reject' }), 409);
    expect(late.body.at('detail')).to.equal('This approval is approved and takes no more decisions');
  });

  it('lists to each what they may see or decide, newest first, in pages', async () => {
    const named = await gateway.createUser();
    const stranger = await gateway.createUser();
    const first = await asked({ approvers: [named.username] });
    const second = await asked();
    const third = await asked({ approvers: [named.username] });
    await decide(named, first, { decision: 'reject' });

    const idsOf = async (who: Account, query: string) =>
      expectStatus(await as(who, 'GET', `/approvals?workflow=${workflow}&${query}`), 200)
        .body.list()
        .map((approval) => approval.at('approval_id'));

    expect((await idsOf(gateway.user, 'limit=3')).slice(0, 3)).to.deep.equal([third, second, first]);
    expect((await idsOf(gateway.admin, 'limit=3')).slice(0, 3)).to.deep.equal([third, second, first]);
    expect(await idsOf(named, '')).to.deep.equal([third, first]);
    expect(await idsOf(named, 'status=open')).to.deep.equal([third]);
    expect(await idsOf(named, 'status=decided')).to.deep.equal([first]);
    expect(await idsOf(stranger, '')).to.deep.equal([]);
    const page = await as(named, 'GET', '/approvals?limit=1');
    const next = /<([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    const following = await gateway.request('GET', `/${next.slice(next.indexOf('/api/v1'))}`, {
      token: named.token,
    });
    expect(following.body.list().map((approval) => approval.at('approval_id'))).to.deep.equal([first]);
  });

  it('lets an approver see the approval and nothing else of the workflow', async () => {
    const named = await gateway.createUser();
    const stranger = await gateway.createUser();
    const id = await asked({ approvers: [named.username] });

    const seen = expectStatus(await as(named, 'GET', `/approvals/${id}`), 200).body;

    expect(seen.at('may_decide')).to.equal(true);
    expect((await as(named, 'GET', `/executions/${seen.text('execution_id')}`)).status).to.equal(403);
    expect((await as(named, 'GET', `/workflows/${workflow}`)).status).to.equal(403);
    expect((await as(stranger, 'GET', `/approvals/${id}`)).status).to.equal(403);
  });

  it('delivers an event to the executions of the sender, or of whom an administrator names', async () => {
    const name = `paid.${randomUUID()}`;
    const execution = await waitingFor({ type: 'event', name, key: 'order-1' });
    const event = { name, key: 'order-1', payload: { amount: 3 } };

    const byAdmin = expectStatus(
      await as(gateway.admin, 'POST', '/events', { ...event, ttl_seconds: 0 }),
      202,
    );
    const byOwner = expectStatus(await as(gateway.user, 'POST', '/events', { ...event, id: 'evt-1' }), 202);
    const again = expectStatus(await as(gateway.user, 'POST', '/events', { ...event, id: 'evt-1' }), 202);
    const forOwner = expectStatus(
      await as(gateway.admin, 'POST', '/events', { ...event, owner: 'user' }),
      202,
    );

    expect(byAdmin.body.value).to.include({ delivered: 0, kept: false });
    expect(byOwner.body.value).to.include({ delivered: 1, kept: false });
    expect(again.body.value).to.deep.equal(byOwner.body.value);
    expect(forOwner.body.value).to.include({ delivered: 0, kept: true });
    const signals = await readSignals(engine.pool, executionUuid(execution) ?? '', 0);
    expect(signals.map((signal) => signal.payload)).to.deep.equal([
      {
        step_id: 'ask',
        attempt: 1,
        outcome: { ok: true, output: { amount: 3 }, branch: 'received' },
      },
    ]);
  });

  it('refuses events that are too large, badly named, reused or for others', async () => {
    const name = `bad.${randomUUID()}`;
    await as(gateway.user, 'POST', '/events', { name, id: name });

    const answers = [
      await as(gateway.user, 'POST', '/events', { name, payload: 'x'.repeat(256 * 1024) }),
      await as(gateway.user, 'POST', '/events', { name: 'a\u0000b' }),
      await as(gateway.user, 'POST', '/events', { name, key: 'k'.repeat(401) }),
      await as(gateway.user, 'POST', '/events', { name, ttl_seconds: 8 * 86_400 }),
      await as(gateway.user, 'POST', '/events', { name, id: name, payload: 2 }),
      await as(gateway.user, 'POST', '/events', { name, owner: 'admin' }),
      await as(gateway.admin, 'POST', '/events', { name, owner: 'nobody-at-all' }),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([413, 422, 422, 422, 409, 403, 404]);
  });

  it('lists and counts what the caller may decide now', async () => {
    const named = await gateway.createUser();
    const byOwner = await asked();
    const forNamed = await asked({ approvers: [named.username] });
    const excluding = await asked({ exclude_submitter: true });
    const decidedOnce = await asked({ approvers: ['user', named.username], required: 2 });
    await decide(gateway.user, decidedOnce, { decision: 'approve', comment: 'half \u0000 way' });
    const over = await asked();
    await decide(gateway.user, over, { decision: 'reject' });
    const made = new Set([byOwner, forNamed, excluding, decidedOnce, over]);

    const query = `workflow=${workflow}&may_decide=true`;
    const mine = async (who: Account) =>
      expectStatus(await as(who, 'GET', `/approvals?limit=200&${query}`), 200)
        .body.list()
        .map((each) => each.text('approval_id'))
        .filter((id) => made.has(id));
    const count = async (who: Account, conditions = query) =>
      expectStatus(await as(who, 'GET', `/approvals/count?${conditions}`), 200).body;
    const shownAs = async (who: Account) =>
      (await as(who, 'GET', `/approvals?limit=200&workflow=${workflow}`)).body
        .list()
        .filter((each) => each.at('may_decide') === true)
        .map((each) => each.text('approval_id'));

    expect(await mine(gateway.user)).to.deep.equal([byOwner]);
    expect(await mine(named)).to.deep.equal([decidedOnce, forNamed]);
    expect(await mine(gateway.admin)).to.deep.equal([decidedOnce, excluding, forNamed, byOwner]);
    for (const who of [gateway.user, named, gateway.admin]) {
      expect((await count(who)).value).to.deep.equal({ count: (await shownAs(who)).length, exact: true });
    }
    expect((await count(named, 'status=open')).at('count')).to.equal(2);
    expect((await count(gateway.user, `status=decided&workflow=${workflow}`)).number('count')).to.be.above(0);
  });

  it('shows the events that nobody has received, and lets them be discarded', async () => {
    const owner = await gateway.createUser();
    const send = async (name: string, who: Account, more: object = {}) =>
      expectStatus(
        await as(who, 'POST', '/events', { name, key: 'k', payload: { n: 1 }, ...more }),
        202,
      ).body.text('event_id');
    const [first, second] = [await send('one', owner), await send('two', owner)];
    const byAdmin = await send('two', gateway.admin, { owner: owner.username });
    const foreign = await send('one', gateway.user);
    const list = async (who: Account, query = '') =>
      expectStatus(await as(who, 'GET', `/events?${query}`), 200).body.list();
    const idsOf = async (who: Account, query?: string) =>
      (await list(who, query)).map((each) => each.at('event_id'));

    expect(await idsOf(owner)).to.deep.equal([byAdmin, second, first]);
    expect(await idsOf(owner, 'name=two&key=k')).to.deep.equal([byAdmin, second]);
    expect(await idsOf(owner, 'name=two&key=')).to.deep.equal([]);
    expect(await idsOf(owner, 'owner=user')).to.deep.equal([]);
    expect(await idsOf(gateway.admin, `owner=${owner.username}`)).to.deep.equal([byAdmin, second, first]);
    expect(await idsOf(gateway.admin)).to.include.members([foreign, first]);
    expect((await list(owner))[0]?.value).to.deep.include({
      ...{ name: 'two', key: 'k', owner: owner.username, sent_by: 'admin' },
    });
    const page = await as(owner, 'GET', '/events?limit=2');
    const cursor = new URLSearchParams(/\?([^>]*)>/.exec(page.headers.get('link') ?? '')?.[1]).get('cursor');
    expect(await idsOf(owner, `limit=2&cursor=${cursor ?? ''}`)).to.deep.equal([first]);

    expect((await as(owner, 'GET', `/events/${first}`)).body.at('payload')).to.deep.equal({ n: 1 });
    expect((await as(owner, 'GET', `/events/${foreign}`)).status).to.equal(403);
    expect((await as(owner, 'DELETE', `/events/${foreign}`)).status).to.equal(403);
    expect((await as(owner, 'DELETE', `/events/${first}`)).status).to.equal(204);
    expect((await as(owner, 'DELETE', `/events/${first}`)).status).to.equal(404);
    expect((await as(owner, 'GET', `/events/${first}`)).status).to.equal(404);
    expect((await as(owner, 'GET', '/events/nonsense')).status).to.equal(404);
    expect((await as(gateway.admin, 'DELETE', `/events/${second}`)).status).to.equal(204);
    expect(await idsOf(owner)).to.deep.equal([byAdmin]);
  });

  it('shows who waits for which event, since when and until when', async () => {
    const dueAt = new Date(Date.now() + 3_600_000);
    const wait = { type: 'event', name: 'parcel.arrived', key: '7' } as const;
    const first = await waitingFor(wait, { dueAt });
    const second = await waitingFor({ ...wait, key: '8' }, { iteration: '3.0' });
    const stranger = await gateway.createUser();
    const list = async (who: Account, query: string) =>
      expectStatus(await as(who, 'GET', `/event-waits?name=parcel.arrived&${query}`), 200).body.list();
    const idsOf = async (who: Account, query = '') =>
      (await list(who, query)).map((each) => each.at('execution_id'));

    expect(await idsOf(gateway.user)).to.deep.equal([second, first]);
    expect(await idsOf(gateway.admin, `workflow=${workflow}`)).to.deep.equal([second, first]);
    expect(await idsOf(gateway.user, `execution=${first}`)).to.deep.equal([first]);
    expect(await idsOf(gateway.user, 'key=8')).to.deep.equal([second]);
    expect(await idsOf(stranger)).to.deep.equal([]);
    expect((await list(gateway.user, 'key=7'))[0]?.value).to.deep.include({
      ...{ step_id: 'ask', iteration: null, attempt: 1, workflow_id: workflow, workflow_name: 'One node' },
      ...{ owner: 'user', name: 'parcel.arrived', key: '7', until: dueAt.toISOString() },
    });
    expect((await list(gateway.user, 'key=8'))[0]?.value).to.deep.include({ iteration: '3.0', until: null });
    const page = await as(gateway.user, 'GET', '/event-waits?name=parcel.arrived&limit=1');
    const cursor = new URLSearchParams(/\?([^>]*)>/.exec(page.headers.get('link') ?? '')?.[1]).get('cursor');
    expect(await idsOf(gateway.user, `cursor=${cursor ?? ''}`)).to.deep.equal([first]);
    expect((await as(gateway.user, 'GET', '/event-waits?cursor=x')).status).to.equal(422);

    expectStatus(await as(gateway.user, 'POST', '/events', { name: 'parcel.arrived', key: '7' }), 202);
    expect(await idsOf(gateway.user)).to.deep.equal([second]);
  });
});

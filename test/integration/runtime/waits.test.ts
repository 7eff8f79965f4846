import { type AnswerPayload, type JsonValue, SIGNAL_PAYLOADS, type Wait } from '@millrace/contracts';
import { appendEvents, claimExecutions, type ClaimedExecution, readSignals } from '@millrace/persistence';
import type { DecideOutcome, OpenWait } from '@millrace/runtime';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type RuntimeSetup, startRuntime, type TestUser } from '../../support/runtime.js';

const never = new AbortController().signal;
const BODY = Buffer.alloc(32, 1);

describe('waits', () => {
  let engine: RuntimeSetup;
  let workflowId: string;
  before(async () => {
    engine = await startRuntime();
    workflowId = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
  });
  after(() => engine.stop());

  type Waiting = ClaimedExecution & { workflowName: string };

  async function claimed(): Promise<Waiting> {
    const id = await engine.submit(workflowId);
    const [claim] = await claimExecutions(engine.pool, randomUUID(), [id]);
    if (claim === undefined) throw new Error(`${id} was not claimed`);
    return { ...claim, workflowName: 'Test' };
  }

  function task(wait: Wait, changes: Partial<OpenWait> = {}): OpenWait {
    return { stepId: 'ask', iteration: null, attempt: 1, dueAt: null, wait, ...changes };
  }

  function approval(changes: Partial<Extract<Wait, { type: 'approval' }>> = {}): Wait {
    return {
      ...{ type: 'approval', message: 'Ship it?', approvers: [], required: 1, exclude_submitter: false },
      ...changes,
    };
  }

  const open = (execution: Waiting, ...waits: OpenWait[]): Promise<void> =>
    engine.runtime.worker.openWaits(execution, waits, never);

  async function suspend(execution: Waiting, inboxSeen = 0): Promise<boolean> {
    const { committed } = await appendEvents(engine.pool, [
      {
        ...{ executionId: execution.executionId, epoch: execution.epoch, seq: execution.lastSeq },
        ...{ inboxSeen, stepsCompleted: 0, currentStep: null },
        events: [{ type: 'waiting', data: '{"wake_at":null,"step_ids":["ask"]}' }],
        outcome: { status: 'waiting', wakeAt: null },
      },
    ]);
    return committed.has(execution.executionId);
  }

  async function answers(
    executionId: string,
    kind: 'approval' | 'event',
  ): Promise<{ payload: AnswerPayload; sentBy: string | null }[]> {
    const signals = await readSignals(engine.pool, executionId, 0);
    return signals
      .filter((signal) => signal.kind === kind)
      .map((signal) => ({ payload: SIGNAL_PAYLOADS[kind].parse(signal.payload), sentBy: signal.sentBy }));
  }

  async function isRunnable(executionId: string): Promise<boolean> {
    const { rows } = await engine.pool.query(
      'SELECT 1 FROM execution_state WHERE execution_id = $1 AND redispatch_at IS NOT NULL',
      [executionId],
    );
    return rows.length === 1;
  }

  describe('for people', () => {
    async function approvalOf(executionId: string): Promise<Record<string, unknown> & { id: string }> {
      const { rows } = await engine.pool.query<Record<string, unknown> & { id: string }>(
        'SELECT * FROM approvals WHERE execution_id = $1',
        [executionId],
      );
      const [row] = rows;
      if (row === undefined || rows.length > 1) throw new Error(`${String(rows.length)} approvals`);
      return row;
    }

    function decide(
      approvalId: string,
      by: TestUser & { admin?: boolean },
      decision: 'approve' | 'reject' | 'retry' | 'fail' | 'succeed',
      more: { comment?: string; output?: JsonValue } = {},
    ): Promise<DecideOutcome> {
      return engine.runtime.approvals.decide({
        ...{ approvalId, decision, ...more },
        by: { id: by.id, username: by.username, admin: by.admin ?? false },
      });
    }

    async function asked(
      changes: Partial<Extract<Wait, { type: 'approval' }>> = {},
      taskChanges: Partial<OpenWait> = {},
    ): Promise<{ id: string; execution: Waiting }> {
      const execution = await claimed();
      await open(execution, task(approval(changes), taskChanges));
      await suspend(execution);
      return { id: (await approvalOf(execution.executionId)).id, execution };
    }

    it('asks once, however often it is opened', async () => {
      const execution = await claimed();
      const waits = [task(approval({ approvers: ['ann', 'ann', 'bob'] }), { iteration: '2' })];

      await Promise.all(Array.from({ length: 5 }, () => open(execution, ...waits)));

      expect(await approvalOf(execution.executionId)).to.deep.include({
        status: 'open',
        kind: 'approval',
        iteration: '2',
        message: 'Ship it?',
        approvers: ['ann', 'ann', 'bob'],
        workflow_name: 'Test',
        owner_id: engine.owner.id,
      });
    });

    it('does not ask for a claim that is over', async () => {
      const execution = await claimed();

      await open({ ...execution, epoch: execution.epoch - 1 }, task(approval()));

      const { rows } = await engine.pool.query('SELECT 1 FROM approvals WHERE execution_id = $1', [
        execution.executionId,
      ]);
      expect(rows).to.deep.equal([]);
    });

    it('answers the step with who decided what, and wakes the execution', async () => {
      const { id, execution } = await asked({}, { iteration: '4', attempt: 2 });

      const outcome = await decide(id, engine.owner, 'approve', { comment: 'fine', output: { limit: 5 } });

      expect(outcome).to.deep.equal({ kind: 'recorded' });
      const [answer] = await answers(execution.executionId, 'approval');
      expect(answer?.sentBy).to.equal(engine.owner.id);
      const { outcome: told, ...place } = answer?.payload ?? {};
      expect(place).to.deep.equal({ step_id: 'ask', iteration: '4', attempt: 2 });
      expect(told).to.deep.include({ ok: true, branch: 'approved' });
      const output = told?.ok === true ? told.output : undefined;
      expect(output).to.deep.include({
        decision: 'approved',
        comment: 'fine',
        decided_by: ['olive'],
        output: { limit: 5 },
      });
      expect(await isRunnable(execution.executionId)).to.equal(true);
      expect(await approvalOf(execution.executionId)).to.include({ status: 'approved' });
    });

    it('needs as many different people as it says, and is over with one rejection', async () => {
      const [ann, bob, cid] = await Promise.all(['ann', 'bob', 'cid'].map((name) => engine.createUser(name)));
      if (!ann || !bob || !cid) throw new Error('no users');
      const policy = { approvers: ['ann', 'bob', 'cid'], required: 2 };
      const first = await asked(policy);
      const second = await asked(policy);

      expect(await decide(first.id, ann, 'approve')).to.deep.equal({ kind: 'recorded' });
      expect(await decide(first.id, ann, 'approve')).to.deep.equal({ kind: 'decided_before' });
      expect(await answers(first.execution.executionId, 'approval')).to.deep.equal([]);
      expect(await decide(first.id, bob, 'approve')).to.deep.equal({ kind: 'recorded' });
      expect(await decide(first.id, cid, 'approve')).to.deep.equal({ kind: 'not_open', status: 'approved' });
      await decide(second.id, ann, 'approve');
      await decide(second.id, bob, 'reject', { comment: 'not today' });

      const [approved] = await answers(first.execution.executionId, 'approval');
      expect(approved?.payload.outcome).to.deep.nested.include({ branch: 'approved' });
      const [rejected] = await answers(second.execution.executionId, 'approval');
      const outcome = rejected?.payload.outcome;
      expect(outcome).to.include({ branch: 'rejected' });
      expect(outcome?.ok === true ? outcome.output : undefined).to.deep.include({
        decision: 'rejected',
        comment: 'not today',
        decided_by: ['bob'],
      });
    });

    it('lets one of two deciders decide when they come at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { id, execution } = await asked();
        const admin = { ...engine.owner, id: randomUUID(), username: `admin${String(round)}`, admin: true };

        const outcomes = await Promise.all([
          decide(id, engine.owner, 'approve'),
          decide(id, admin, 'reject'),
        ]);

        expect(outcomes.filter((outcome) => outcome.kind === 'recorded')).to.have.length(1);
        expect(outcomes.filter((outcome) => outcome.kind === 'not_open')).to.have.length(1);
        expect(await answers(execution.executionId, 'approval')).to.have.length(1);
      }
    });

    it('asks those who may decide', async () => {
      const dan = await engine.createUser('dan');
      const eve = await engine.createUser('eve');
      const admin = { ...eve, admin: true };
      const named = await asked({ approvers: ['dan'] });
      const anybody = await asked();
      const notMine = await asked({ exclude_submitter: true });

      expect((await decide(named.id, eve, 'approve')).kind).to.equal('not_allowed');
      expect((await decide(named.id, engine.owner, 'approve')).kind).to.equal('not_allowed');
      expect((await decide(named.id, dan, 'approve')).kind).to.equal('recorded');
      expect((await decide(anybody.id, dan, 'approve')).kind).to.equal('not_allowed');
      expect((await decide(anybody.id, admin, 'approve')).kind).to.equal('recorded');
      const submitter = { ...engine.owner, admin: true };
      expect((await decide(notMine.id, submitter, 'approve')).kind).to.equal('is_submitter');
      expect((await decide(notMine.id, admin, 'retry')).kind).to.equal('wrong_decision');
      expect((await decide(notMine.id, admin, 'reject')).kind).to.equal('recorded');
      expect((await decide(randomUUID(), admin, 'reject')).kind).to.equal('unknown');
    });

    it('takes a verdict with the output that the attempt did not leave', async () => {
      const succeeded = await asked();
      const execution = await claimed();
      await open(execution, task({ type: 'verdict', message: 'Did the payment go out?' }));
      const { id } = await approvalOf(execution.executionId);

      expect(await decide(id, engine.owner, 'approve')).to.deep.equal({
        kind: 'wrong_decision',
        possible: ['retry', 'fail', 'succeed'],
      });
      await decide(id, engine.owner, 'succeed', { output: { paid: true } });

      const [answer] = await answers(execution.executionId, 'approval');
      expect(answer?.payload.outcome).to.deep.equal({ ok: true, branch: 'succeed', output: { paid: true } });
      expect(await approvalOf(succeeded.execution.executionId)).to.include({ status: 'open' });
    });

    it('is expired from its deadline on', async () => {
      const { id, execution } = await asked({}, { dueAt: new Date(Date.now() - 1_000) });

      expect(await decide(id, engine.owner, 'approve')).to.deep.equal({
        kind: 'not_open',
        status: 'expired',
      });

      await engine.runtime.worker.closeWaits(execution.executionId, [
        { stepId: 'ask', iteration: null, attempt: 1 },
      ]);
      expect(await approvalOf(execution.executionId)).to.include({ status: 'expired' });
    });

    it('closes with its step or its execution', async () => {
      const discarded = await asked();
      const cancelled = await asked();
      const lost = await asked();

      await engine.runtime.worker.closeWaits(discarded.execution.executionId, [
        { stepId: 'ask', iteration: null, attempt: 1 },
      ]);
      await engine.runtime.cancel({
        ...{ executionId: cancelled.execution.executionId, by: engine.owner, waitMs: 0 },
      });
      await engine.pool.query('DELETE FROM execution_state WHERE execution_id = $1', [
        lost.execution.executionId,
      ]);
      await engine.runtime.settle();

      expect(await decide(lost.id, engine.owner, 'approve')).to.deep.equal({
        kind: 'not_open',
        status: 'closed',
      });
      for (const { execution } of [discarded, cancelled, lost]) {
        expect(await approvalOf(execution.executionId)).to.include({ status: 'closed' });
      }
    });

    it('is closed by the sweep where the news of the end was lost', async () => {
      const { execution } = await asked();
      await engine.pool.query('DELETE FROM execution_state WHERE execution_id = $1', [execution.executionId]);

      expect(await engine.runtime.sweeps.closeWaits()).to.equal(1);

      expect(await approvalOf(execution.executionId)).to.include({ status: 'closed' });
      expect(await engine.runtime.sweeps.closeWaits()).to.equal(0);
    });
  });

  describe('for events', () => {
    let name: string;
    beforeEach(() => {
      name = `event.${randomUUID()}`;
    });

    const forEvent = (key = 'k', changes: Partial<OpenWait> = {}): OpenWait =>
      task({ type: 'event', name, key }, changes);

    function send(
      changes: {
        key?: string;
        payload?: JsonValue;
        ttlSeconds?: number;
        ownerId?: string;
        id?: string;
        body?: Buffer;
      } = {},
    ) {
      const { id, body = BODY, ...rest } = changes;
      return engine.runtime.externalEvents.send({
        ...{ ownerId: engine.owner.id, name, key: 'k', payload: { n: 1 }, sentBy: engine.owner.id },
        ...{ ttlSeconds: 60, ...rest },
        ...(id !== undefined && { idempotency: { id, bodyHash: body } }),
      });
    }

    it('delivers to every task that waits for name and key, of this owner', async () => {
      const bob = await engine.createUser(`bob-${name}`);
      const [one, two, other, foreign] = await Promise.all([claimed(), claimed(), claimed(), claimed()]);
      await open(one, forEvent('k', { iteration: '0' }), forEvent('k', { iteration: '1' }));
      await open(two, forEvent());
      await open(other, forEvent('another'));
      await engine.pool.query('UPDATE execution_state SET owner_id = $2 WHERE execution_id = $1', [
        foreign.executionId,
        bob.id,
      ]);
      await open(foreign, forEvent());
      await suspend(two);

      const outcome = await send({ payload: { amount: 3 } });

      expect(outcome).to.include({ kind: 'sent', delivered: 3, kept: false });
      const told = await answers(one.executionId, 'event');
      expect(told.map(({ payload }) => payload.iteration)).to.deep.equal(['0', '1']);
      expect(told[0]?.payload.outcome).to.deep.equal({
        ok: true,
        branch: 'received',
        output: { amount: 3 },
      });
      expect(await isRunnable(two.executionId)).to.equal(true);
      expect(await answers(other.executionId, 'event')).to.deep.equal([]);
      expect(await answers(foreign.executionId, 'event')).to.deep.equal([]);
      expect(await send({ ownerId: bob.id })).to.include({ delivered: 1 });
    });

    it('keeps one that nobody waits for, for the first that will', async () => {
      expect(await send({ payload: 'first' })).to.include({ delivered: 0, kept: true });
      expect(await send({ payload: 'second' })).to.include({ delivered: 0, kept: true });
      const [one, two, three] = await Promise.all([claimed(), claimed(), claimed()]);

      await open(one, forEvent());
      await open(one, forEvent());
      await open(two, forEvent());
      await open(three, forEvent());

      expect((await answers(one.executionId, 'event')).map(({ payload }) => payload.outcome)).to.deep.equal([
        { ok: true, branch: 'received', output: 'first' },
      ]);
      expect((await answers(two.executionId, 'event')).map(({ payload }) => payload.outcome)).to.deep.equal([
        { ok: true, branch: 'received', output: 'second' },
      ]);
      expect(await answers(three.executionId, 'event')).to.deep.equal([]);
    });

    it('keeps none whose time is over, and none without a time to live', async () => {
      await send();
      await engine.pool.query(
        "UPDATE external_events SET expires_at = now() - interval '1 s' WHERE name = $1",
        [name],
      );
      expect(await send({ ttlSeconds: 0 })).to.include({ delivered: 0, kept: false });
      const execution = await claimed();

      await open(execution, forEvent());

      expect(await answers(execution.executionId, 'event')).to.deep.equal([]);
      await engine.runtime.sweeps.deleteExpired();
      const { rows } = await engine.pool.query('SELECT 1 FROM external_events WHERE name = $1', [name]);
      expect(rows).to.deep.equal([]);
    });

    it('loses none that is sent while the wait begins', async () => {
      const rounds = 100;
      const executions = await Promise.all(Array.from({ length: rounds }, () => claimed()));

      await Promise.all(
        executions.map(async (execution, index) => {
          const key = `race-${String(index)}`;
          const work = [() => open(execution, forEvent(key)), () => send({ key })];
          await Promise.all((index % 2 === 0 ? work : work.toReversed()).map((each) => each()));
        }),
      );

      for (const execution of executions) {
        expect(await answers(execution.executionId, 'event')).to.have.length(1);
      }
      const { rows } = await engine.pool.query(
        "SELECT 1 FROM external_events WHERE name = $1 UNION ALL SELECT 1 FROM event_waits WHERE name = $1 AND status = 'open'",
        [name],
      );
      expect(rows).to.deep.equal([]);
    });

    it('suspends or sees the event, never neither', async () => {
      const executions = await Promise.all(Array.from({ length: 40 }, () => claimed()));
      await Promise.all(executions.map((each, index) => open(each, forEvent(`s-${String(index)}`))));

      const suspended = await Promise.all(
        executions.map(async (execution, index) => {
          const [didSuspend] = await Promise.all([suspend(execution), send({ key: `s-${String(index)}` })]);
          return didSuspend;
        }),
      );

      for (const [index, execution] of executions.entries()) {
        expect(await isRunnable(execution.executionId)).to.equal(suspended[index]);
      }
    });

    it('takes the same id once, at the same time too', async () => {
      const execution = await claimed();
      await open(execution, forEvent());

      const outcomes = await Promise.all(Array.from({ length: 10 }, () => send({ id: 'evt-1' })));

      const ids = new Set(outcomes.map((outcome) => ('eventId' in outcome ? outcome.eventId : outcome.kind)));
      expect(ids.size).to.equal(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'sent')).to.have.length(1);
      expect(outcomes.every((outcome) => 'delivered' in outcome && outcome.delivered === 1)).to.equal(true);
      expect(await answers(execution.executionId, 'event')).to.have.length(1);
      expect(await send({ id: 'evt-1', body: Buffer.alloc(32, 2) })).to.deep.equal({ kind: 'id_conflict' });
    });

    it('tells a step whose event cannot be named', async () => {
      const execution = await claimed();

      await open(execution, forEvent('x'.repeat(401)), forEvent('a\u0000b', { stepId: 'other' }));

      const told = await answers(execution.executionId, 'event');
      expect(told.map(({ payload }) => payload.outcome.ok)).to.deep.equal([false, false]);
    });

    it('delivers nothing to a wait that was closed or whose execution ended', async () => {
      const [closed, ended] = await Promise.all([claimed(), claimed()]);
      await open(closed, forEvent());
      await open(ended, forEvent());
      await engine.runtime.worker.closeWaits(closed.executionId, [
        { stepId: 'ask', iteration: null, attempt: 1 },
      ]);
      await engine.pool.query('DELETE FROM execution_state WHERE execution_id = $1', [ended.executionId]);

      expect(await send()).to.include({ delivered: 0, kept: true });

      await engine.runtime.sweeps.deleteExpired();
      const { rows } = await engine.pool.query('SELECT execution_id FROM event_waits WHERE name = $1', [
        name,
      ]);
      expect(rows).to.deep.equal([{ execution_id: closed.executionId }]);
    });

    it('goes along when the workflow is given to somebody else', async () => {
      const bob = await engine.createUser(`heir-${name}`);
      const own = await engine.createWorkflow({
        nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
      });
      const [waiting, later] = [await engine.submit(own), await engine.submit(own)];
      const claims = await claimExecutions(engine.pool, randomUUID(), [waiting, later]);
      const [first, second] = claims.map((claim) => ({ ...claim, workflowName: 'Test' }));
      if (first === undefined || second === undefined) throw new Error('not claimed');
      await open(first, forEvent());
      await open(first, task(approval()));

      await engine.pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [own, bob.id]);
      await engine.pool.query('SELECT give_executions_to_owner($1)', [own]);
      await open(second, forEvent());

      expect(await send()).to.include({ delivered: 0 });
      expect(await send({ ownerId: bob.id })).to.include({ delivered: 2 });
      const { rows } = await engine.pool.query('SELECT owner_id FROM approvals WHERE workflow_id = $1', [
        own,
      ]);
      expect(rows).to.deep.equal([{ owner_id: bob.id }]);
    });
  });
});

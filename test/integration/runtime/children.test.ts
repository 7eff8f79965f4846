import { type JsonObject, SIGNAL_PAYLOADS } from '@millrace/contracts';
import {
  type Append,
  appendEvents,
  claimExecutions,
  type ClaimedExecution,
  readSignals,
} from '@millrace/persistence';
import type { ChildRequest, ChildStart } from '@millrace/runtime';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/poll.js';
import { type RuntimeSetup, startRuntime } from '../../support/runtime.js';

const never = new AbortController().signal;

describe('child executions', () => {
  let engine: RuntimeSetup;
  let workflowId: string;
  beforeEach(async () => {
    engine = await startRuntime({ settings: { maxDepth: 2 } });
    workflowId = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
      parameters_schema: {
        type: 'object',
        properties: { size: { type: 'integer', default: 3 } },
      },
    });
  });
  afterEach(() => engine.stop());

  /** A claimed execution, as a worker holds it. */
  async function claimedParent(): Promise<ClaimedExecution> {
    return claim(await engine.submit(workflowId));
  }

  async function claim(id: string): Promise<ClaimedExecution> {
    const [claimed] = await claimExecutions(engine.pool, randomUUID(), [id]);
    if (claimed === undefined) throw new Error(`${id} was not claimed`);
    return claimed;
  }

  function request(changes: Partial<ChildRequest> = {}): ChildRequest {
    return {
      ...{ stepId: 's', iteration: null, attempt: 1, slot: 0, detached: false },
      ...{ workflowId, version: 'latest' as const, parameters: {} },
      ...changes,
    };
  }

  const start = (parent: ClaimedExecution, ...requests: ChildRequest[]): Promise<ChildStart[]> =>
    engine.runtime.worker.startChildren(parent, requests, never);

  async function startOne(parent: ClaimedExecution, changes: Partial<ChildRequest> = {}): Promise<string> {
    const [child] = await start(parent, request(changes));
    if (child?.ok !== true) throw new Error(child?.error.message);
    return child.executionId;
  }

  async function refusal(parent: ClaimedExecution, changes: Partial<ChildRequest>): Promise<string> {
    const [child] = await start(parent, request(changes));
    if (child?.ok !== false) throw new Error('the child was started');
    expect(child.error).to.include({ code: 'child_refused', fault: 'workflow', retryable: false });
    return child.error.message;
  }

  function appendOf(claimed: ClaimedExecution, changes: Partial<Append>): Append {
    return {
      ...{ executionId: claimed.executionId, epoch: claimed.epoch, seq: claimed.lastSeq },
      ...{ inboxSeen: 0, stepsCompleted: 0, currentStep: null },
      events: [{ type: 'completed', data: '{"steps_completed":0}' }],
      outcome: { status: 'completed', result: null, error: null },
      ...changes,
    };
  }

  async function suspend(parent: ClaimedExecution): Promise<boolean> {
    const { committed } = await appendEvents(engine.pool, [
      appendOf(parent, {
        events: [{ type: 'waiting', data: '{"wake_at":null,"step_ids":["s"]}' }],
        outcome: { status: 'waiting', wakeAt: null },
      }),
    ]);
    return committed.has(parent.executionId);
  }

  /** Ends it as its worker does, through the runtime. */
  async function end(id: string, outcome: { output: JsonObject } | { failed: string }): Promise<void> {
    const claimed = await claim(id);
    const done = 'output' in outcome;
    const error = done ? null : { code: 'boom', message: outcome.failed, step_id: 'a', attempt: 1 };
    const answer = await engine.runtime.worker.append(
      {
        ...{ executionId: id, workflowId, epoch: claimed.epoch, seq: claimed.lastSeq },
        ...{ inboxSeen: 0, stepsCompleted: 1, currentStep: null },
        events: [
          error === null
            ? { type: 'completed', data: { steps_completed: 1 } }
            : { type: 'failed', data: { error } },
        ],
        outcome: done
          ? {
              status: 'completed',
              result: JSON.stringify({ workflow_name: 'Test', steps_completed: 1, output: outcome.output }),
              error: null,
            }
          : { status: 'failed', result: null, error: JSON.stringify(error) },
      },
      never,
    );
    expect(answer.kind).to.equal('committed');
  }

  async function inbox(id: string) {
    const signals = await readSignals(engine.pool, id, 0);
    for (const signal of signals) {
      expect(signal.kind).to.equal('child');
      SIGNAL_PAYLOADS.child.parse(signal.payload);
    }
    return signals.map((signal) => SIGNAL_PAYLOADS.child.parse(signal.payload));
  }

  async function stateOf(id: string): Promise<Record<string, unknown> | undefined> {
    const { rows } = await engine.pool.query<Record<string, unknown>>(
      'SELECT status, inbox, dispatch_no, redispatch_at IS NOT NULL AS runnable FROM execution_state WHERE execution_id = $1',
      [id],
    );
    return rows[0];
  }

  it('belong to their parent and inherit who it is for', async () => {
    const parent = await claimedParent();

    const id = await startOne(parent, { iteration: '3.0', slot: 2, parameters: { size: 7 } });

    const { rows } = await engine.pool.query<Record<string, unknown>>(
      `SELECT owner_id, submitted_by, trace_id, parent_id, parent_step, parent_iteration, depth, parameters,
              root_id = id AS own_root FROM executions WHERE id = $1`,
      [id],
    );
    expect(rows).to.deep.equal([
      {
        owner_id: engine.owner.id,
        submitted_by: engine.owner.id,
        trace_id: 'test',
        parent_id: parent.executionId,
        parent_step: 's',
        parent_iteration: '3.0',
        depth: 1,
        parameters: { size: 7 },
        own_root: true,
      },
    ]);
    expect(await claim(id)).to.include({ parentId: parent.executionId, depth: 1, shard: null });
  });

  it('start once per place, even after their workflow was archived', async () => {
    const parent = await claimedParent();
    const first = await startOne(parent);
    await engine.pool.query("UPDATE workflows SET status = 'archived'");

    const again = await startOne(parent);

    expect(again).to.equal(first);
  });

  it('get the defaults of the parameters schema', async () => {
    const parent = await claimedParent();

    const id = await startOne(parent);

    expect((await claim(id)).parameters).to.deep.equal({ size: 3 });
  });

  it('are refused one by one, with a word on what to do', async () => {
    const parent = await claimedParent();
    const foreign = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
    const bob = await engine.createUser('bob');
    await engine.pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [foreign, bob.id]);

    expect(await refusal(parent, { workflowId: 'wf_unknown' })).to.contain('does not exist');
    expect(await refusal(parent, { workflowId: foreign })).to.contain('cannot execute workflow');
    expect(await refusal(parent, { version: 9 })).to.contain('its latest is 1');
    expect(await refusal(parent, { parameters: { size: 'big' } })).to.contain(
      'parameters.size must be integer',
    );
    expect(await refusal({ ...parent, depth: 2 }, {})).to.contain('more than 2 deep');
    await engine.pool.query("UPDATE workflows SET status = 'archived' WHERE id = $1", [workflowId]);
    expect(await refusal(parent, {})).to.contain('archived');
    const mixed = await start(parent, request({ slot: 5 }), request({ slot: 6, shard: { from: 0, to: 9 } }));
    expect(mixed.map((child) => child.ok)).to.deep.equal([false, true]);
  });

  it('of an administrator may be of any owner', async () => {
    const parent = await claimedParent();
    const bob = await engine.createUser('bob');
    await engine.pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [workflowId, bob.id]);
    await engine.pool.query("UPDATE users SET scopes = '{platform:admin}' WHERE id = $1", [engine.owner.id]);

    const id = await startOne(parent);

    expect((await claim(id)).ownerId).to.equal(engine.owner.id);
  });

  it('that are shards go as deep as their parent and carry their part', async () => {
    const parent = await claimedParent();

    const [child] = await start({ ...parent, depth: 2 }, request({ shard: { from: 256, to: 512 } }));

    if (child?.ok !== true) throw new Error(child?.error.message);
    expect(await claim(child.executionId)).to.deep.include({ depth: 2, shard: { from: 256, to: 512 } });
  });

  it('tell their parent what came of them, and wake it', async () => {
    const parent = await claimedParent();
    const [good, bad] = await start(parent, request({ iteration: '0' }), request({ iteration: '1' }));
    if (good?.ok !== true || bad?.ok !== true) throw new Error('not started');
    await suspend(parent);

    await end(good.executionId, { output: { total: 1 } });
    await end(bad.executionId, { failed: 'no luck' });

    await eventually(async () => {
      expect(await inbox(parent.executionId)).to.have.length(2);
    });
    const answers = await inbox(parent.executionId);
    expect(answers[0]).to.deep.equal({
      step_id: 's',
      iteration: '0',
      attempt: 1,
      slot: 0,
      outcome: { ok: true, output: { total: 1 } },
    });
    const outcome = answers[1]?.outcome;
    expect(outcome).to.deep.nested.include({
      'error.code': 'child_failed',
      'error.details': { execution_id: `exec_${bad.executionId}`, code: 'boom', step_id: 'a' },
    });
    expect(outcome?.ok === false && outcome.error.message)
      .to.contain('no luck')
      .and.contain(workflowId);
    expect(await stateOf(parent.executionId)).to.include({ inbox: 2, runnable: true, dispatch_no: 2 });
  });

  it('that are cancelled say so', async () => {
    const parent = await claimedParent();
    const id = await startOne(parent);

    await engine.runtime.cancel({ executionId: id, by: engine.owner, waitMs: 0 });

    await eventually(async () => {
      const [answer] = await inbox(parent.executionId);
      expect(answer?.outcome).to.nested.include({ 'error.code': 'child_cancelled' });
    });
  });

  it('lose no outcome when they end while their parent suspends', async () => {
    const rounds = 60;
    const parents = await Promise.all(Array.from({ length: rounds }, () => claimedParent()));
    const ids = await Promise.all(parents.map((parent) => startOne(parent)));

    const suspended = await Promise.all(
      parents.map(async (parent, index) => {
        const id = ids[index] ?? '';
        const [didSuspend] = await (index % 2 === 0
          ? Promise.all([suspend(parent), end(id, { output: {} })])
          : Promise.all([end(id, { output: {} }), suspend(parent)]).then(([, didSuspend]) => [didSuspend]));
        return didSuspend;
      }),
    );

    await engine.runtime.settle();
    for (const [index, parent] of parents.entries()) {
      expect(await inbox(parent.executionId)).to.have.length(1);
      const state = await stateOf(parent.executionId);
      expect(state?.['runnable'], `parent ${String(index)}`).to.equal(suspended[index]);
    }
  });

  it('deliver each outcome once, however many deliver', async () => {
    const parent = await claimedParent();
    const requests = Array.from({ length: 30 }, (_, slot) => request({ slot }));
    const started = await start(parent, ...requests);
    const ids = started.map((child) => (child.ok ? child.executionId : ''));
    const claims = await claimExecutions(engine.pool, randomUUID(), ids);
    await appendEvents(
      engine.pool,
      claims.map((claimed) => appendOf(claimed, {})),
    );
    await engine.pool.query("UPDATE children SET finished_at = now() - interval '1 minute'");

    await Promise.all(Array.from({ length: 8 }, () => engine.runtime.sweeps.deliverOutcomes()));

    const answers = await inbox(parent.executionId);
    expect(answers.map((answer) => answer.slot).toSorted((a, b) => (a ?? 0) - (b ?? 0))).to.deep.equal(
      requests.map((each) => each.slot),
    );
    expect(await engine.runtime.sweeps.deliverOutcomes()).to.equal(0);
  });

  it('are forgotten by a parent that has ended', async () => {
    const parent = await claimedParent();
    const id = await startOne(parent, { detached: false });
    await appendEvents(engine.pool, [appendOf(parent, {})]);

    await end(id, { output: {} });

    await eventually(async () => {
      const { rows } = await engine.pool.query('SELECT 1 FROM children WHERE delivered_at IS NOT NULL');
      expect(rows).to.have.length(1);
    });
    expect(await inbox(parent.executionId)).to.deep.equal([]);
  });

  it('end with their parent unless they are detached', async () => {
    const parent = await claimedParent();
    const attached = await startOne(parent);
    const detached = await startOne(parent, { slot: 1, detached: true });

    await engine.runtime.cancel({ executionId: parent.executionId, by: engine.owner, waitMs: 0 });

    expect((await engine.finished(attached)).at(-1)?.data).to.include({
      reason: 'its parent execution has ended',
    });
    expect((await engine.head(detached)).status).to.equal('queued');
    expect(await engine.runtime.sweeps.cancelOrphans()).to.equal(0);
  });

  it('whose parent ended unnoticed are found by the sweep', async () => {
    const parent = await claimedParent();
    const id = await startOne(parent);
    await appendEvents(engine.pool, [appendOf(parent, {})]);

    expect(await engine.runtime.sweeps.cancelOrphans()).to.equal(1);

    expect((await engine.head(id)).status).to.equal('cancelled');
    expect(await engine.runtime.sweeps.cancelOrphans()).to.equal(0);
  });

  it('of one step and turn are cancelled alone', async () => {
    const parent = await claimedParent();
    const [first, second, other] = [
      await startOne(parent, { iteration: '0' }),
      await startOne(parent, { iteration: '1' }),
      await startOne(parent, { stepId: 'other' }),
    ];

    await engine.runtime.worker.cancelChildren(parent.executionId, { stepId: 's', iteration: '1' });

    expect((await engine.head(second)).status).to.equal('cancelled');
    expect((await engine.head(first)).status).to.equal('queued');
    await engine.runtime.worker.cancelChildren(parent.executionId, { stepId: 's' });
    expect((await engine.head(first)).status).to.equal('cancelled');
    expect((await engine.head(other)).status).to.equal('queued');
  });

  it('go to a new owner with their parent, and not with their own workflow', async () => {
    const bob = await engine.createUser('bob');
    const other = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
    const parent = await claimedParent();
    const child = await claim(await startOne(parent, { workflowId: other }));
    const grandchild = await startOne(child, { workflowId: other });
    const alone = await engine.submit(other);
    const ownersOf = async (): Promise<string[]> => {
      const ids = [parent.executionId, child.executionId, grandchild, alone];
      const { rows } = await engine.pool.query<{ owners: string[] }>(
        `SELECT ARRAY[e.owner_id = $2, s.owner_id = $2] AS owners FROM unnest($1::uuid[]) WITH ORDINALITY AS i(id, n)
         JOIN executions e USING (id) JOIN execution_state s ON s.execution_id = e.id ORDER BY n`,
        [ids, bob.id],
      );
      return rows.map(({ owners }) =>
        owners.every(Boolean) ? 'bob' : owners.some(Boolean) ? 'both' : 'olive',
      );
    };
    const give = async (workflow: string): Promise<void> => {
      await engine.pool.query('UPDATE workflows SET owner_id = $2 WHERE id = $1', [workflow, bob.id]);
      await engine.pool.query('SELECT give_executions_to_owner($1)', [workflow]);
    };

    await give(other);
    expect(await ownersOf()).to.deep.equal(['olive', 'olive', 'olive', 'bob']);
    await give(workflowId);
    expect(await ownersOf()).to.deep.equal(['bob', 'bob', 'bob', 'bob']);
  });
});

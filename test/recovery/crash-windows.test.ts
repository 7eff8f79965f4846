import { claimExecutions, readControlState, readSignals } from '@millrace/persistence';
import { CRASH_POINTS, type CrashPoint, createRuntime, type Runtime } from '@millrace/runtime';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Engine, silentLog, startEngine } from '../support/engine.js';
import { eventually } from '../support/poll.js';

class Crash extends Error {}

/**
 * Each test lets a process die in one named window (the probe throws and whatever it was doing is not carried on),
 * moves time by backdating rows, runs the sweep that is to heal it, and expects the execution to complete with every
 * step recorded once.
 */
describe('crash windows', () => {
  let engine: Engine;
  let workflowId: string;
  let armed: CrashPoint | undefined;
  let passed: CrashPoint[] = [];

  beforeEach(async () => {
    engine = await startEngine({ settings: { leaseSeconds: 1 } });
    workflowId = await engine.createWorkflow({
      nodes: ['a', 'b'].map((id) => ({ id, type: 'set' as const, data: { config: { values: { id } } } })),
      edges: [{ source: 'a', target: 'b' }],
    });
    armed = undefined;
    passed = [];
  });
  afterEach(() => engine.stop());

  /** A runtime of "another process", which dies at the armed point. */
  function victim(point: CrashPoint): Runtime {
    armed = point;
    return createRuntime({
      pool: engine.pool,
      queue: engine.messaging.queue,
      events: engine.messaging.events,
      log: silentLog,
      settings: { leaseSeconds: 1 },
      crash(reached) {
        passed.push(reached);
        if (reached !== armed) return;
        armed = undefined;
        throw new Crash(reached);
      },
    });
  }

  function submitBy(runtime: Runtime): Promise<unknown> {
    return runtime.submit({
      workflowId,
      workflowVersion: 1,
      ownerId: engine.owner.id,
      submittedBy: engine.owner,
      parameters: {},
      stepsTotal: 2,
      traceId: 't',
    });
  }

  async function onlyExecution(): Promise<string> {
    const { rows } = await engine.pool.query<{ id: string }>('SELECT id FROM executions');
    expect(rows).to.have.length(1);
    return rows[0]?.id ?? '';
  }

  async function expectCompletedOnce(executionId: string): Promise<void> {
    const events = await engine.finished(executionId);
    expect(events.map((event) => event.seq)).to.deep.equal(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).to.equal('completed');
    const completed = events
      .filter((event) => event.type === 'step_completed')
      .map((event) => event.data['step_id']);
    expect(completed).to.deep.equal(['a', 'b']);
  }

  const makeDue = (): Promise<unknown> =>
    engine.pool.query('UPDATE execution_state SET redispatch_at = now() WHERE redispatch_at IS NOT NULL');

  it('submit_committed_not_dispatched', async () => {
    await submitBy(victim('submit_committed_not_dispatched')).catch((error: unknown) => {
      expect(error).to.be.instanceOf(Crash);
    });
    const executionId = await onlyExecution();
    await engine.startWorker();

    await makeDue();
    expect(await engine.runtime.sweeps.redispatch()).to.equal(1);

    await expectCompletedOnce(executionId);
  });

  it('claim_committed_not_run', async () => {
    const executionId = await engine.submit(workflowId);
    const dead = await engine.startWorker({ runtime: victim('claim_committed_not_run') });
    await eventually(() => {
      expect(passed).to.include('claim_committed_not_run');
    });
    await dead.stop();
    await engine.startWorker();

    await eventually(async () => {
      await engine.runtime.sweeps.releaseExpired();
      expect((await engine.head(executionId)).status).to.equal('completed');
    });

    await expectCompletedOnce(executionId);
  });

  it('append_sent_reply_lost: the same worker finds out and goes on', async () => {
    const worker = await engine.startWorker({ runtime: victim('append_sent_reply_lost') });

    const executionId = await engine.submit(workflowId);

    await expectCompletedOnce(executionId);
    await eventually(() => {
      expect(passed.filter((point) => point === 'append_sent_reply_lost').length).to.be.greaterThan(1);
      expect(worker.running()).to.equal(0);
    });
  });

  it('append_committed_not_published: the log has it all the same', async () => {
    await engine.startWorker({ runtime: victim('append_committed_not_published') });

    const executionId = await engine.submit(workflowId);

    await expectCompletedOnce(executionId);
  });

  it('signal_committed_not_dispatched', async () => {
    const delayed = await engine.createWorkflow({
      nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
    });
    await engine.startWorker();
    const executionId = await engine.submit(delayed);
    await eventually(async () => {
      expect((await engine.head(executionId)).status).to.equal('waiting');
    });

    await victim('signal_committed_not_dispatched')
      .signal(executionId, { kind: 'cancel', payload: { by: 'olive' }, sentBy: engine.owner.id })
      .catch((error: unknown) => {
        expect(error).to.be.instanceOf(Crash);
      });
    await makeDue();
    await engine.runtime.sweeps.redispatch();

    const events = await engine.finished(executionId);
    expect(events.at(-1)?.type).to.equal('cancelled');
  });

  it('end_committed_not_followed_up: the sweep tells the parent', async () => {
    const parent = await engine.submit(workflowId);
    const [claim] = await claimExecutions(engine.pool, randomUUID(), [parent]);
    if (claim === undefined) throw new Error('the parent was not claimed');
    const [child] = await engine.runtime.worker.startChildren(
      claim,
      [
        {
          ...{ stepId: 'a', iteration: null, attempt: 1, slot: 0, detached: false },
          ...{ workflowId, version: 'latest', parameters: {} },
        },
      ],
      new AbortController().signal,
    );
    if (child?.ok !== true) throw new Error('the child was not started');
    await engine.startWorker({ runtime: victim('end_committed_not_followed_up') });
    await expectCompletedOnce(child.executionId);
    expect(passed).to.include('end_committed_not_followed_up');
    expect(await readSignals(engine.pool, parent, 0)).to.deep.equal([]);

    await engine.pool.query("UPDATE children SET finished_at = now() - interval '1 minute'");
    expect(await engine.runtime.sweeps.deliverOutcomes()).to.equal(1);

    const [signal] = await readSignals(engine.pool, parent, 0);
    expect(signal?.payload).to.deep.nested.include({ step_id: 'a', 'outcome.ok': true });
  });

  it('release_committed_not_dispatched', async () => {
    const executionId = await engine.submit(workflowId);
    await engine.pool.query(
      "UPDATE execution_state SET worker_id = gen_random_uuid(), status = 'running', redispatch_at = NULL",
    );

    await victim('release_committed_not_dispatched')
      .sweeps.releaseExpired()
      .catch((error: unknown) => {
        expect(error).to.be.instanceOf(Crash);
      });
    await engine.startWorker();
    await makeDue();
    await engine.runtime.sweeps.redispatch();

    await expectCompletedOnce(executionId);
  });

  it('signals_read_not_recorded: the next claim reads it again', async () => {
    const delayed = await engine.createWorkflow({
      nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
    });
    const executionId = await engine.submit(delayed);
    const dead = victim('signals_read_not_recorded').worker;
    await engine.runtime.signal(executionId, {
      ...{ kind: 'pause', payload: { by: 'olive' }, sentBy: engine.owner.id },
    });

    const reading = dead.readSignals(executionId, 0, new AbortController().signal);
    expect(await reading.catch((error: unknown) => error)).to.be.instanceOf(Crash);
    await engine.startWorker();

    await eventually(async () => {
      const state = await readControlState(engine.pool, executionId);
      expect(state).to.deep.include({ status: 'paused', hasUnread: false });
    });
    const paused = (await engine.events(executionId)).filter(({ type }) => type === 'paused');
    expect(paused.map(({ data }) => data)).to.deep.equal([{ by: 'olive' }]);
  });

  it('fence_committed_not_ended: what was promised to end, the sweep ends', async () => {
    const delayed = await engine.createWorkflow({
      nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
    });
    const executionId = await engine.submit(delayed);
    await engine.pool.query(
      "UPDATE execution_state SET cancel_requested_at = now() - interval '1 hour', redispatch_at = NULL",
    );

    const sweeping = victim('fence_committed_not_ended').sweeps.forceCancellations();
    expect(await sweeping.catch((error: unknown) => error)).to.be.instanceOf(Crash);
    expect((await engine.head(executionId)).status).to.equal('queued');
    expect(await engine.runtime.sweeps.forceCancellations()).to.equal(1);

    const events = await engine.finished(executionId);
    expect(events.map(({ type }) => type)).to.deep.equal(['queued', 'cancelled']);
  });

  it('every window has a test, here or where processes are killed', async () => {
    const here = ['crash-windows', 'control', 'control-workers'].map((name) =>
      readFile(new URL(`./${name}.test.ts`, import.meta.url), 'utf8'),
    );
    const tests = (await Promise.all(here)).join('\n');
    for (const point of Object.keys(CRASH_POINTS)) {
      expect(tests, point).to.match(new RegExp(`\\bit\\(\\s*'${point}\\b`));
    }
  });
});

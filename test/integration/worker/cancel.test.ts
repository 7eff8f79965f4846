import { expect } from 'chai';
import type { Runtime } from '@millrace/runtime';
import { type Engine, startEngine } from '../../support/engine.js';
import { eventually } from '../../support/poll.js';
import { createRedisScope } from '../../support/redis.js';
import { at, expectSound, only, told } from './support/events.js';
import { hold, startTarget, type Target } from './support/target.js';

const STORES = ['Postgres', 'Redis'] as const;

for (const store of STORES) {
  describe(`cancel (${store})`, () => {
    let engine: Engine;
    let target: Target;
    let cleanup: () => Promise<void> = () => Promise.resolve();

    beforeEach(async () => {
      target = await startTarget();
      target.on('/hold', hold);
      if (store === 'Redis') {
        const scope = await createRedisScope();
        cleanup = () => scope.cleanup();
        engine = await startEngine({ redis: scope, settings: { cancelGraceSeconds: 1 } });
      } else {
        engine = await startEngine({ settings: { cancelGraceSeconds: 1 } });
      }
    });
    afterEach(async () => {
      await engine.stop();
      await target.stop();
      await cleanup();
    });

    function cancel(executionId: string, waitMs = 5_000): ReturnType<Runtime['cancel']> {
      return engine.runtime.cancel({ executionId, by: engine.owner, reason: 'enough', waitMs });
    }

    async function submitHeld(method: 'GET' | 'POST' = 'POST'): Promise<string> {
      const workflowId = await engine.createWorkflow({
        nodes: [
          { id: 'call', type: 'http_request', data: { config: { method, url: `${target.url}/hold` } } },
        ],
      });
      return engine.submit(workflowId);
    }

    async function called(): Promise<void> {
      await eventually(() => {
        expect(target.calls).to.have.length(1);
      });
    }

    it('ends a queued one at once', async () => {
      const executionId = await submitHeld();

      const answer = await cancel(executionId);

      expect(answer).to.deep.equal({ status: 'cancelled', terminal: true });
      const events = await engine.events(executionId);
      expect(told(events)).to.deep.equal(['queued', 'cancelled']);
      expect(events.at(-1)?.data).to.deep.equal({ by: 'olive', reason: 'enough', uncertain_steps: [] });
    });

    it('ends a waiting one at once', async () => {
      await engine.startWorker();
      const workflowId = await engine.createWorkflow({
        nodes: [{ id: 'rest', type: 'delay', data: { config: { seconds: 3_600 } } }],
      });
      const executionId = await engine.submit(workflowId);
      await eventually(async () => {
        expect((await engine.head(executionId)).status).to.equal('waiting');
      });

      const answer = await cancel(executionId);

      expect(answer).to.deep.equal({ status: 'cancelled', terminal: true });
      expect(at((await engine.events(executionId)).at(-1), 'uncertain_steps')).to.deep.equal([]);
    });

    it('aborts the call of a running one, in whichever process it is asked for', async () => {
      await engine.startWorker({ allow: [target.address] });
      const executionId = await submitHeld();
      await called();

      const answer = await cancel(executionId);

      expect(answer).to.deep.equal({ status: 'cancelled', terminal: true });
      const events = await engine.events(executionId);
      expectSound(events);
      expect(at(events.at(-1), 'uncertain_steps')).to.deep.equal(['call']);
      expect(at(events.at(-1), 'by')).to.equal('olive');
      await eventually(() => {
        expect(target.calls[0]?.isAborted).to.equal(true);
      });
    });

    it('answers what a finished one is, and undefined for an unknown one', async () => {
      await engine.startWorker();
      const workflowId = await engine.createWorkflow({
        nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
      });
      const executionId = await engine.submit(workflowId);
      await engine.finished(executionId);

      expect(await cancel(executionId)).to.deep.equal({ status: 'completed', terminal: true });
      expect(await cancel('00000000-0000-7000-8000-000000000000')).to.equal(undefined);
    });

    it('is carried out for a worker that does not obey, and the steps it had begun are uncertain', async () => {
      const deaf = { ...engine.runtime.worker, readSignals: () => Promise.resolve([]) };
      const worker = await engine.startWorker({
        allow: [target.address],
        runtime: { ...engine.runtime, worker: deaf },
      });
      const executionId = await submitHeld();
      await called();

      expect(await cancel(executionId, 0)).to.deep.equal({ status: 'running', terminal: false });
      await engine.pool.query("UPDATE execution_state SET cancel_requested_at = now() - interval '1 min'");
      expect(await engine.runtime.sweeps.forceCancellations()).to.equal(1);

      const events = await engine.events(executionId);
      expectSound(events);
      expect(only(events, 'cancelled').data).to.deep.equal({
        by: 'olive',
        reason: 'enough',
        uncertain_steps: ['call'],
      });
      // Its next renewal tells the worker that the execution is not its own any more.
      await eventually(() => {
        expect(worker.running()).to.equal(0);
        expect(target.calls[0]?.isAborted).to.equal(true);
      });
    });

    it('needs no worker when the one that had it is dead', async () => {
      const executionId = await submitHeld();
      await engine.pool.query(
        `UPDATE execution_state SET status = 'running', worker_id = gen_random_uuid(), redispatch_at = NULL`,
      );

      const answer = await cancel(executionId);

      expect(answer).to.deep.equal({ status: 'cancelled', terminal: true });
    });

    it('is remembered by whoever claims next', async () => {
      const executionId = await submitHeld();
      await engine.runtime.signal(executionId, {
        kind: 'cancel',
        payload: { by: 'olive' },
        sentBy: engine.owner.id,
      });

      await engine.startWorker({ allow: [target.address] });

      expect(told(await engine.finished(executionId))).to.deep.equal(['queued', 'started', 'cancelled']);
      expect(target.calls).to.have.length(0);
    });
  });
}

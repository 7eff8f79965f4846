import type { SignalKind } from '@millrace/contracts';
import { appendEvents, claimExecutions, sendSignal, wakeUnread } from '@millrace/persistence';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type RuntimeSetup, startRuntime } from '../../support/runtime.js';

const ROUNDS = 20;
const PER_ROUND = 150;

describe('suspension against messages', () => {
  let engine: RuntimeSetup;
  before(async () => {
    engine = await startRuntime();
  });
  after(() => engine.stop());

  async function race(
    executionId: string,
    isSuspensionFirst: boolean,
  ): Promise<{ didSuspend: boolean; didWake: boolean }> {
    const suspend = () =>
      appendEvents(engine.pool, [
        {
          executionId,
          epoch: 1,
          seq: 1,
          events: [{ type: 'waiting', data: '{"wake_at":null,"step_ids":[]}' }],
          outcome: { status: 'waiting', wakeAt: null },
          inboxSeen: 0,
          stepsCompleted: 0,
          currentStep: null,
        },
      ]);
    const signal = () =>
      sendSignal(engine.pool, executionId, { kind: 'event', payload: {}, sentBy: null }, 10);
    // Both are under way at once; the order of asking only tips the odds.
    const first = isSuspensionFirst ? suspend() : undefined;
    const signalling = signal();
    const suspending = first ?? suspend();
    const [{ committed }, delivery] = await Promise.all([suspending, signalling]);
    return { didSuspend: committed.has(executionId), didWake: delivery?.wokenDispatchNo !== null };
  }

  it(`loses no wake-up in ${String(ROUNDS * PER_ROUND)} races`, async () => {
    const workflowId = await engine.createWorkflow({
      nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
    });
    const outcomes = { suspendedFirst: 0, signalledFirst: 0 };

    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = await Promise.all(Array.from({ length: PER_ROUND }, () => engine.submit(workflowId)));
      await claimExecutions(engine.pool, randomUUID(), ids);
      const races = await Promise.all(ids.map((id, index) => race(id, index % 2 === 0)));
      races.forEach(({ didSuspend, didWake }, index) => {
        // Either the suspension came first and was woken, or the message came first and it was refused.
        expect(didSuspend, ids[index]).to.equal(didWake);
        outcomes[didSuspend ? 'suspendedFirst' : 'signalledFirst'] += 1;
      });
    }

    const { rows } = await engine.pool.query<{ lost: number }>(
      "SELECT count(*) AS lost FROM execution_state WHERE status = 'waiting' AND redispatch_at IS NULL",
    );
    expect(rows[0]?.lost).to.equal(0);
    expect(outcomes.suspendedFirst + outcomes.signalledFirst).to.equal(ROUNDS * PER_ROUND);
    expect(outcomes.suspendedFirst, 'both orders must have happened').to.be.greaterThan(0);
    expect(outcomes.signalledFirst, 'both orders must have happened').to.be.greaterThan(0);
  }).timeout(120_000);

  describe('of a paused execution', () => {
    async function claimed(): Promise<string> {
      const workflowId = await engine.createWorkflow({
        nodes: [{ id: 'a', type: 'set', data: { config: { values: {} } } }],
      });
      const id = await engine.submit(workflowId);
      await claimExecutions(engine.pool, randomUUID(), [id]);
      return id;
    }

    async function pause(executionId: string): Promise<boolean> {
      const { committed } = await appendEvents(engine.pool, [
        {
          ...{ executionId, epoch: 1, seq: 1, inboxSeen: 0, stepsCompleted: 0, currentStep: null },
          events: [{ type: 'paused', data: '{"by":"olive"}' }],
          outcome: { status: 'paused' },
        },
      ]);
      return committed.has(executionId);
    }

    const send = (executionId: string, kind: SignalKind) =>
      sendSignal(engine.pool, executionId, { kind, payload: {}, sentBy: null }, 10);

    it('is refused while there is a message that was not seen', async () => {
      const id = await claimed();
      await send(id, 'resume');

      expect(await pause(id)).to.equal(false);
    });

    it('wakes only for what says to go on or to end, and then reads everything', async () => {
      for (const rousing of ['resume', 'cancel'] as const) {
        const id = await claimed();
        await pause(id);
        for (const kind of ['approval', 'event', 'child', 'skip', 'pause'] as const) {
          expect((await send(id, kind))?.wokenDispatchNo, kind).to.equal(null);
        }
        expect(await wakeUnread(engine.pool, 10), 'nothing to wake for').to.deep.equal([]);

        expect((await send(id, rousing))?.wokenDispatchNo).to.equal(2);

        const [claim] = await claimExecutions(engine.pool, randomUUID(), [id]);
        expect(claim).to.include({ was: 'paused', inbox: 6, inboxRead: 0 });
      }
    });

    it('is found by the sweep when the news to go on was lost', async () => {
      const id = await claimed();
      await pause(id);
      await send(id, 'event');
      await send(id, 'resume');
      await engine.pool.query('UPDATE execution_state SET redispatch_at = NULL WHERE execution_id = $1', [
        id,
      ]);

      const woken = await wakeUnread(engine.pool, 10);

      expect(woken).to.deep.equal([{ executionId: id, dispatchNo: 3 }]);
    });
  });
});

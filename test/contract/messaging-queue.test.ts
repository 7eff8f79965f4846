import type { ExecutionHint, Log, Messaging, QueueConsumer } from '@millrace/messaging';
import { MessagingUnavailableError } from '@millrace/messaging';
import { expect } from 'chai';
import {
  postgresUnderTest,
  redisUnderTest,
  type Space,
} from '../../packages/messaging/test/support/stores-under-test.js';
import { eventually } from '../support/poll.js';

const hint = (executionId: string, dispatchNo = 1, priority?: number): ExecutionHint => ({
  executionId,
  dispatchNo,
  ...(priority === undefined ? {} : { priority }),
});
const nameOf = ({ executionId, dispatchNo }: ExecutionHint): string => `${executionId}-${String(dispatchNo)}`;
const never = (): Promise<void> => new Promise(() => undefined);

/** Locks so short that a dead consumer's hint is given away within a second. */
const shortLocks = { lockMs: 400, stalledCheckMs: 150, drainDelaySeconds: 0.1 };

/** A handler that counts and remembers, and that stays inside until it is let go. */
function createGate() {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const started: string[] = [];
  let inside = 0;
  let mostInside = 0;
  return {
    started,
    get mostInside() {
      return mostInside;
    },
    open: () => open?.(),
    async handler(taken: ExecutionHint): Promise<void> {
      started.push(nameOf(taken));
      inside += 1;
      mostInside = Math.max(mostInside, inside);
      await opened;
      inside -= 1;
    },
  };
}

function createLogRecorder(): { log: Log; lines: { level: string; message: string }[] } {
  const lines: { level: string; message: string }[] = [];
  const at =
    (level: string) =>
    (_fields: object, message: string): void => {
      lines.push({ level, message });
    };
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

for (const store of [redisUnderTest(), postgresUnderTest()]) {
  describe(`ExecutionQueue on ${store.name}`, function () {
    this.timeout(30_000);
    let space: Space;
    let messaging: Messaging;

    before(() => store.start());
    after(() => store.stop());
    beforeEach(async () => {
      space = await store.createSpace();
      messaging = space.open();
    });
    afterEach(() => space.end());

    const consumeInto = (
      taken: string[],
      from: Messaging = messaging,
      concurrency = 4,
    ): Promise<QueueConsumer> =>
      from.queue.consume(
        (next) => {
          taken.push(nameOf(next));
          return Promise.resolve();
        },
        { concurrency },
      );

    const settled = async (): Promise<void> => {
      await eventually(async () => {
        expect(await messaging.queue.depth()).to.deep.equal({ waiting: 0, active: 0 });
      });
    };

    it('hands a dispatched hint to one of several consumers, once', async () => {
      const taken: string[] = [];
      await consumeInto(taken);
      await consumeInto(taken, space.open());

      await messaging.queue.dispatch([hint('exec_a'), hint('exec_b', 7)]);

      await eventually(() => expect(taken).to.have.members(['exec_a-1', 'exec_b-7']));
      await settled();
      expect(taken).to.have.length(2);
    });

    it('gives the handler the hint as it was dispatched', async () => {
      const taken: ExecutionHint[] = [];
      await messaging.queue.consume(
        (next) => {
          taken.push(next);
          return Promise.resolve();
        },
        { concurrency: 1 },
      );

      await messaging.queue.dispatch([hint('exec_with-dash', 12, 3)]);

      await eventually(() => expect(taken).to.deep.equal([hint('exec_with-dash', 12, 3)]));
    });

    it('drops a hint that is waiting already, in the same call and in a later one', async () => {
      await messaging.queue.dispatch([hint('exec_a'), hint('exec_a')]);
      await messaging.queue.dispatch([hint('exec_a')]);

      expect(await messaging.queue.depth()).to.deep.equal({ waiting: 1, active: 0 });
    });

    it('accepts a hint again after it was handled', async () => {
      const taken: string[] = [];
      await consumeInto(taken);
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(taken).to.have.length(1));
      await settled();

      await messaging.queue.dispatch([hint('exec_a')]);

      await eventually(() => expect(taken).to.deep.equal(['exec_a-1', 'exec_a-1']));
    });

    it('delivers a new dispatch number while the old one is active', async () => {
      const gate = createGate();
      await messaging.queue.consume((next) => gate.handler(next), { concurrency: 2 });
      await messaging.queue.dispatch([hint('exec_a', 1)]);
      await eventually(() => expect(gate.started).to.deep.equal(['exec_a-1']));

      await messaging.queue.dispatch([hint('exec_a', 1), hint('exec_a', 2)]);

      await eventually(() => expect(gate.started).to.deep.equal(['exec_a-1', 'exec_a-2']));
      gate.open();
      await settled();
      expect(gate.started).to.have.length(2);
    });

    it('runs as many handlers as the concurrency allows and never more', async () => {
      const gate = createGate();
      await messaging.queue.consume((next) => gate.handler(next), { concurrency: 3 });
      await messaging.queue.dispatch(Array.from({ length: 12 }, (_, index) => hint(`exec_${String(index)}`)));
      await eventually(async () => {
        expect(await messaging.queue.depth()).to.deep.equal({ waiting: 9, active: 3 });
      });

      gate.open();

      await settled();
      expect(gate.started).to.have.length(12);
      expect(gate.mostInside).to.equal(3);
    });

    it('acknowledges and logs a hint whose handler rejects', async () => {
      const recorder = createLogRecorder();
      let calls = 0;
      await space.open({ log: recorder.log }).queue.consume(
        () => {
          calls += 1;
          return Promise.reject(new Error('the database is away'));
        },
        { concurrency: 1 },
      );

      await messaging.queue.dispatch([hint('exec_a')]);

      await eventually(() => expect(calls).to.equal(1));
      await settled();
      expect(calls).to.equal(1);
      expect(recorder.lines.filter(({ level }) => level === 'error')).to.have.length(1);
    });

    it('serves what has no priority first, then the smaller number', async () => {
      await messaging.queue.dispatch([hint('exec_late', 1, 10), hint('exec_soon', 1, 2), hint('exec_now')]);
      const taken: string[] = [];

      await consumeInto(taken, messaging, 1);

      await eventually(() => expect(taken).to.deep.equal(['exec_now-1', 'exec_soon-1', 'exec_late-1']));
    });

    it('rejects a concurrency that makes no sense', async () => {
      for (const concurrency of [0, -1, 1.5, Number.NaN]) {
        expect(await rejection(consumeInto([], messaging, concurrency))).to.be.instanceOf(RangeError);
      }
    });

    it('takes a thousand hints in one call', async () => {
      const taken: string[] = [];
      const hints = Array.from({ length: 1_000 }, (_, index) => hint(`exec_${String(index)}`));

      await messaging.queue.dispatch(hints);

      expect(await messaging.queue.depth()).to.deep.equal({ waiting: 1_000, active: 0 });
      await consumeInto(taken, messaging, 50);
      await eventually(() => expect(taken).to.have.length(1_000), { timeoutMs: 25_000 });
      expect(new Set(taken).size).to.equal(1_000);
    });

    it('gives the hint of consumers that died to the next one, however many died', async () => {
      for (const name of ['first', 'second', 'third']) {
        const victim = space.open({ timing: shortLocks, name });
        const gate = createGate();
        const consumer = await victim.queue.consume(
          (next) => {
            void gate.handler(next);
            return never();
          },
          { concurrency: 1 },
        );
        if (name === 'first') await messaging.queue.dispatch([hint('exec_a')]);
        await eventually(() => expect(gate.started).to.deep.equal(['exec_a-1']));
        await consumer.stop(0);
      }
      const taken: string[] = [];

      await consumeInto(taken, space.open({ timing: shortLocks }));

      await eventually(() => expect(taken).to.deep.equal(['exec_a-1']));
      await settled();
    });

    it('fires the signal of a handler whose lock was lost, and says which hint it was', async () => {
      const lost: string[] = [];
      const aborted: string[] = [];
      const gate = createGate();
      await space.open({ timing: { ...shortLocks, lockMs: 1_000, stalledCheckMs: 5_000 } }).queue.consume(
        async (next, signal) => {
          signal.addEventListener('abort', () => aborted.push(nameOf(next)));
          await gate.handler(next);
        },
        { concurrency: 2, onLostLock: (next) => lost.push(nameOf(next)) },
      );
      await messaging.queue.dispatch([hint('exec_a'), hint('exec_b')]);
      await eventually(() => expect(gate.started).to.have.length(2));

      await space.stealLock('exec_a-1');

      await eventually(() => expect(lost).to.deep.equal(['exec_a-1']));
      expect(aborted).to.deep.equal(['exec_a-1']);
      gate.open();
    });

    it('stops in time with a handler that never ends, and fires its signal', async () => {
      const signals: AbortSignal[] = [];
      const consumer = await messaging.queue.consume(
        (_next, signal) => {
          signals.push(signal);
          return never();
        },
        { concurrency: 1 },
      );
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(signals).to.have.length(1));

      await consumer.stop(50);

      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
    });

    it('waits for running handlers when it stops, and acknowledges them', async () => {
      const gate = createGate();
      const consumer = await messaging.queue.consume((next) => gate.handler(next), { concurrency: 1 });
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(gate.started).to.have.length(1));
      const stopped = consumer.stop(20_000);

      gate.open();
      await stopped;

      expect(await messaging.queue.depth()).to.deep.equal({ waiting: 0, active: 0 });
    });

    it('takes no hint after a pause, and leaves them to others', async () => {
      const mine: string[] = [];
      const others: string[] = [];
      const consumer = await consumeInto(mine);
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(mine).to.have.length(1));
      await consumer.pause();

      await messaging.queue.dispatch(
        Array.from({ length: 20 }, (_, index) => hint(`exec_b${String(index)}`)),
      );
      await consumeInto(others, space.open());

      await eventually(() => expect(others).to.have.length(20));
      expect(mine).to.have.length(1);
    });

    it('keeps one incarnation until the contents vanish', async () => {
      const other = space.open();
      const first = await messaging.queue.ensureIncarnation();
      const again = await other.queue.ensureIncarnation();

      await space.loseContents();
      const afterLoss = await other.queue.ensureIncarnation();
      const seenByFirst = await messaging.queue.ensureIncarnation();

      expect(first.fresh).to.equal(true);
      expect(again).to.deep.equal({ incarnation: first.incarnation, fresh: false });
      expect(afterLoss.fresh).to.equal(true);
      expect(afterLoss.incarnation).not.to.equal(first.incarnation);
      expect(seenByFirst).to.deep.equal({ incarnation: afterLoss.incarnation, fresh: false });
    });

    it('lets only one of many callers create the incarnation', async () => {
      const callers = [messaging, space.open(), space.open()];

      const answers = await Promise.all(callers.map(({ queue }) => queue.ensureIncarnation()));

      expect(answers.filter(({ fresh }) => fresh)).to.have.length(1);
      expect(new Set(answers.map(({ incarnation }) => incarnation)).size).to.equal(1);
    });

    it('goes on after its contents vanished under a waiting consumer', async () => {
      const taken: string[] = [];
      await consumeInto(taken);
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(taken).to.have.length(1));

      await space.loseContents();
      await messaging.queue.dispatch([hint('exec_b')]);

      await eventually(() => expect(taken).to.deep.equal(['exec_a-1', 'exec_b-1']));
    });

    for (const fault of ['down', 'silent'] as const) {
      it(`rejects instead of waiting while the store is ${fault}, and works again afterwards`, async () => {
        const proxy = await space.startProxy();
        const { queue } = space.open({ proxy });
        await queue.dispatch([hint('exec_a')]);

        if (fault === 'down') await proxy.cut();
        else proxy.freeze();
        const failures = await Promise.all([
          rejection(queue.dispatch([hint('exec_b')])),
          rejection(queue.depth()),
          rejection(queue.ensureIncarnation()),
        ]);
        const health = await queue.health();
        await proxy.restore();

        for (const failure of failures) expect(failure).to.be.instanceOf(MessagingUnavailableError);
        expect(health.ok).to.equal(false);
        await eventually(() => queue.dispatch([hint('exec_c')]));
        await eventually(async () => expect(await queue.health()).to.deep.equal({ ok: true }));
      });
    }

    it('may be started before its store: it rejects, and consumes as soon as there is one', async () => {
      const proxy = await space.startProxy();
      await proxy.cut();
      const late = space.open({ proxy });
      const taken: string[] = [];
      await consumeInto(taken, late);
      const failure = await rejection(late.queue.dispatch([hint('exec_a')]));

      await proxy.restore();

      await eventually(() => late.queue.dispatch([hint('exec_b')]));
      await eventually(() => expect(taken).to.deep.equal(['exec_b-1']));
      expect(failure).to.be.instanceOf(MessagingUnavailableError);
    });

    it('consumes on after an outage and logs its beginning and its end once', async () => {
      const proxy = await space.startProxy();
      const recorder = createLogRecorder();
      const taken: string[] = [];
      await consumeInto(taken, space.open({ proxy, log: recorder.log, timing: shortLocks }));
      await messaging.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(taken).to.have.length(1));
      const about = (level: string): number =>
        recorder.lines.filter((line) => line.level === level && line.message.startsWith('queue consumer'))
          .length;

      await proxy.cut();
      await eventually(() => expect(about('warn')).to.equal(1));
      await proxy.restore();
      await messaging.queue.dispatch([hint('exec_b')]);

      await eventually(() => expect(taken).to.deep.equal(['exec_a-1', 'exec_b-1']));
      await eventually(() => expect(about('info')).to.equal(1));
      expect(about('warn')).to.equal(1);
    });

    it('survives that the server ends its connections', async () => {
      const taken: string[] = [];
      const victim = space.open({ name: 'victim' });
      await consumeInto(taken, victim);
      await victim.queue.dispatch([hint('exec_a')]);
      await eventually(() => expect(taken).to.have.length(1));

      const killed = await space.killConnections('victim');
      await eventually(() => victim.queue.dispatch([hint('exec_b')]));

      await eventually(() => expect(taken).to.include('exec_b-1'));
      expect(killed).to.be.greaterThan(0);
    });

    it('stops and closes while the store is away', async () => {
      const proxy = await space.startProxy();
      const victim = space.open({ proxy });
      const consumer = await consumeInto([], victim);
      await victim.queue.dispatch([hint('exec_a')]);
      await proxy.cut();

      await consumer.stop(100);
      await victim.close();

      expect((await victim.queue.health()).ok).to.equal(false);
    });

    it('tolerates stopping twice, closing twice and closing what was never used', async () => {
      for (let round = 0; round < 10; round += 1) {
        const unused = space.open();
        const used = space.open();
        const consumer = await consumeInto([], used);
        if (round % 2 === 0) await used.queue.dispatch([hint(`exec_${String(round)}`)]);

        await Promise.all([consumer.stop(5_000), consumer.stop(5_000)]);
        await consumer.stop(0);
        await Promise.all([used.close(), used.close(), unused.close()]);
        await unused.close();

        const failures = await Promise.all([
          rejection(used.queue.dispatch([hint('exec_after')])),
          rejection(used.queue.depth()),
          rejection(consumeInto([], used)),
          rejection(used.events.publishWakeup({ wakeAt: new Date() })),
        ]);
        for (const failure of failures) expect(failure).to.be.instanceOf(MessagingUnavailableError);
      }
    });
  });
}

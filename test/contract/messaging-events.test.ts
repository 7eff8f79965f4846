import type { EventFrame, TransientFrame } from '@millrace/contracts';
import type { CommittedRange, ControlHint, Messaging, WorkflowMessage } from '@millrace/messaging';
import { MessagingUnavailableError } from '@millrace/messaging';
import { expect } from 'chai';
import {
  postgresUnderTest,
  redisUnderTest,
  type Space,
} from '../../packages/messaging/test/support/stores-under-test.js';
import { eventually } from '../support/poll.js';

const range = (seq: number, workflowId = 'wf_one', executionId = 'exec_a'): CommittedRange => ({
  workflowId,
  executionId,
  fromSeq: seq,
  toSeq: seq,
  terminal: false,
});

const logFrame = (line: string, workflowId = 'wf_one'): TransientFrame => ({
  type: 'log',
  execution_id: 'exec_a',
  workflow_id: workflowId,
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { step_id: 'step_1', line },
});

const queuedFrame: EventFrame = {
  type: 'queued',
  execution_id: 'exec_a',
  workflow_id: 'wf_one',
  seq: 1,
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { workflow_version: 1, submitted_by: 'ada \u0000 \u2603' },
};

function createInbox() {
  const messages: WorkflowMessage[] = [];
  return {
    messages,
    listener: (message: WorkflowMessage): void => {
      messages.push(message);
    },
    get seqs(): number[] {
      return messages.flatMap((message) => (message.kind === 'committed' ? [message.range.fromSeq] : []));
    },
    get frames(): TransientFrame[] {
      return messages.flatMap((message) => (message.kind === 'transient' ? [message.frame] : []));
    },
  };
}

for (const store of [redisUnderTest(), postgresUnderTest()]) {
  describe(`EventBus on ${store.name}`, function () {
    this.timeout(30_000);
    let space: Space;
    let publisher: Messaging;
    let subscriber: Messaging;

    before(() => store.start());
    after(() => store.stop());
    beforeEach(async () => {
      space = await store.createSpace();
      publisher = space.open({ name: 'publisher' });
      subscriber = space.open({ name: 'subscriber' });
    });
    afterEach(() => space.end());

    it('tells every subscriber of a workflow what was committed, in order', async () => {
      const inboxes = [createInbox(), createInbox(), createInbox()] as const;
      await subscriber.events.subscribeWorkflow('wf_one', inboxes[0].listener);
      await subscriber.events.subscribeWorkflow('wf_one', inboxes[1].listener);
      await space.open().events.subscribeWorkflow('wf_one', inboxes[2].listener);

      await publisher.events.publishCommitted([range(1), range(2)]);
      await publisher.events.publishCommitted([range(3)]);

      for (const inbox of inboxes) await eventually(() => expect(inbox.seqs).to.deep.equal([1, 2, 3]));
    });

    it(`delivers ranges ${store.carriesFrames ? 'with' : 'without'} their frames`, async () => {
      const inbox = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);
      const sent = { ...range(1), terminal: true, frames: [queuedFrame] };

      await publisher.events.publishCommitted([sent]);

      await eventually(() => expect(inbox.messages).to.have.length(1));
      const expected = store.carriesFrames ? sent : { ...range(1), terminal: true };
      expect(inbox.messages).to.deep.equal([{ kind: 'committed', range: expected }]);
    });

    it('tells a subscriber nothing of other workflows', async () => {
      const one = createInbox();
      const two = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', one.listener);
      await subscriber.events.subscribeWorkflow('wf_two', two.listener);

      await publisher.events.publishCommitted([range(1, 'wf_two'), range(2, 'wf_one'), range(3, 'wf_three')]);
      await publisher.events.publishTransient([logFrame('for two', 'wf_two')]);

      await eventually(() => expect(two.messages).to.have.length(2));
      await eventually(() => expect(one.messages).to.have.length(1));
      expect(one.seqs).to.deep.equal([2]);
      expect(two.seqs).to.deep.equal([1]);
    });

    it('stops telling one who unsubscribed and goes on telling the others', async () => {
      const gone = createInbox();
      const stays = createInbox();
      const unsubscribe = await subscriber.events.subscribeWorkflow('wf_one', gone.listener);
      await subscriber.events.subscribeWorkflow('wf_one', stays.listener);
      await publisher.events.publishCommitted([range(1)]);
      await eventually(() => expect(gone.seqs).to.deep.equal([1]));

      await unsubscribe();
      await unsubscribe();
      await publisher.events.publishCommitted([range(2)]);

      await eventually(() => expect(stays.seqs).to.deep.equal([1, 2]));
      expect(gone.seqs).to.deep.equal([1]);
    });

    it('hears again after everyone unsubscribed and one came back', async () => {
      const before = createInbox();
      const after = createInbox();
      const unsubscribe = await subscriber.events.subscribeWorkflow('wf_one', before.listener);
      const left = unsubscribe();
      await subscriber.events.subscribeWorkflow('wf_one', after.listener);
      await left;

      await publisher.events.publishCommitted([range(1)]);

      await eventually(() => expect(after.seqs).to.deep.equal([1]));
      expect(before.seqs).to.deep.equal([]);
    });

    it('goes on when a listener throws', async () => {
      const inbox = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', () => {
        throw new Error('a bug in a listener');
      });
      await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);

      await publisher.events.publishCommitted([range(1), range(2)]);

      await eventually(() => expect(inbox.seqs).to.deep.equal([1, 2]));
    });

    it('delivers transient frames, equal ones too', async () => {
      const inbox = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);
      const frames = [logFrame('"quoted" \u0000 \ud800 ☃'), logFrame('again'), logFrame('again')];

      await publisher.events.publishTransient(frames);

      await eventually(() => expect(inbox.frames).to.deep.equal(frames));
    });

    it('delivers a huge transient frame, cut where the store demands it', async () => {
      const inbox = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);
      const line = '☃"'.repeat(20_000);

      await publisher.events.publishTransient([logFrame(line), logFrame('small')]);

      await eventually(() => expect(inbox.frames).to.have.length(2));
      const [huge, small] = inbox.frames;
      expect(small).to.deep.equal(logFrame('small'));
      if (store.carriesFrames) {
        expect(huge).to.deep.equal(logFrame(line));
      } else {
        expect(huge?.data['truncated']).to.equal(true);
        expect(line.startsWith(String(huge?.data['line']))).to.equal(true);
        expect(String(huge?.data['line'])).to.have.length.greaterThan(1_000);
      }
    });

    it('takes a thousand ranges of many workflows in one call', async () => {
      const inbox = createInbox();
      const many = createInbox();
      await subscriber.events.subscribeWorkflow('wf_0', inbox.listener);
      await subscriber.events.subscribeWorkflow('wf_busy', many.listener);
      const spread = Array.from({ length: 500 }, (_, index) => range(index + 1, `wf_${String(index % 50)}`));
      const busy = Array.from({ length: 500 }, (_, index) =>
        range(index + 1, 'wf_busy', `exec_01936d5e-8f00-7abc-8def-${String(index).padStart(12, '0')}`),
      );

      await publisher.events.publishCommitted([...spread, ...busy]);

      await eventually(() => expect(many.seqs).to.deep.equal(busy.map(({ fromSeq }) => fromSeq)));
      await eventually(() => expect(inbox.seqs).to.have.length(10));
    });

    it('tells control hints to their worker only, and those without one to all', async () => {
      const first: ControlHint[] = [];
      const second: ControlHint[] = [];
      await subscriber.events.subscribeControl('worker_1', (hint) => first.push(hint));
      await space.open().events.subscribeControl('worker_2', (hint) => second.push(hint));

      await publisher.events.publishControl([
        { workerId: 'worker_1', executionId: 'exec_a', kind: 'signal' },
        { workerId: 'worker_2', executionId: 'exec_b', kind: 'signal' },
        { executionId: 'exec_c', kind: 'signal' },
      ]);

      const executions = (hints: ControlHint[]): string[] => hints.map(({ executionId }) => executionId);
      await eventually(() => expect(executions(first)).to.have.members(['exec_a', 'exec_c']));
      await eventually(() => expect(executions(second)).to.have.members(['exec_b', 'exec_c']));
    });

    it('tells schedulers of an earlier time', async () => {
      const heard: Date[] = [];
      const wakeAt = new Date('2026-05-06T07:08:09.123Z');
      const unsubscribe = await subscriber.events.subscribeWakeups((wakeup) => heard.push(wakeup.wakeAt));

      await publisher.events.publishWakeup({ wakeAt });
      await eventually(() => expect(heard).to.deep.equal([wakeAt]));

      await unsubscribe();
    });

    it('restores its subscriptions after its connection was killed, and tells of it', async () => {
      const inbox = createInbox();
      const hints: ControlHint[] = [];
      await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);
      await subscriber.events.subscribeControl('worker_1', (hint) => hints.push(hint));
      let reconnects = 0;
      let unheard = 0;
      subscriber.events.onReconnect(() => (reconnects += 1));
      subscriber.events.onReconnect(() => (unheard += 1))();
      subscriber.events.onReconnect(() => {
        throw new Error('a bug in a reconnect listener');
      });

      const killed = await space.killConnections('subscriber');
      await eventually(() => expect(reconnects).to.equal(1));
      await publisher.events.publishCommitted([range(1)]);
      await publisher.events.publishControl([
        { workerId: 'worker_1', executionId: 'exec_a', kind: 'signal' },
      ]);

      await eventually(() => expect(inbox.seqs).to.deep.equal([1]));
      await eventually(() => expect(hints).to.have.length(1));
      expect(killed).to.be.greaterThan(0);
      expect(unheard).to.equal(0);
    });

    it('remembers what was subscribed while the store was down', async () => {
      const proxy = await space.startProxy();
      await proxy.cut();
      const late = space.open({ proxy });
      const inbox = createInbox();
      let reconnects = 0;
      late.events.onReconnect(() => (reconnects += 1));
      await late.events.subscribeWorkflow('wf_one', inbox.listener);
      const forgotten = await late.events.subscribeWorkflow('wf_two', inbox.listener);
      await forgotten();

      await proxy.restore();
      await eventually(() => expect(reconnects).to.equal(1));
      await publisher.events.publishCommitted([range(1), range(2, 'wf_two')]);

      await eventually(() => expect(inbox.seqs).to.deep.equal([1]));
    });

    for (const fault of ['down', 'silent'] as const) {
      it(`rejects publishing while the store is ${fault}, and works again afterwards`, async () => {
        const proxy = await space.startProxy();
        const { events } = space.open({ proxy });
        const inbox = createInbox();
        await subscriber.events.subscribeWorkflow('wf_one', inbox.listener);
        await events.publishCommitted([range(1)]);
        await eventually(() => expect(inbox.seqs).to.deep.equal([1]));

        if (fault === 'down') await proxy.cut();
        else proxy.freeze();
        const failure = await events.publishCommitted([range(2)]).catch((error: unknown) => error);
        const health = await events.health();
        await proxy.restore();

        expect(failure).to.be.instanceOf(MessagingUnavailableError);
        expect(health.ok).to.equal(false);
        await eventually(() => events.publishCommitted([range(3)]));
        await eventually(() => expect(inbox.seqs).to.include(3));
        await eventually(async () => expect(await events.health()).to.deep.equal({ ok: true }));
      });
    }

    it('notices a connection that fell silent', async () => {
      const proxy = await space.startProxy();
      const silent = space.open({ proxy });
      const inbox = createInbox();
      await silent.events.subscribeWorkflow('wf_one', inbox.listener);
      let reconnects = 0;
      silent.events.onReconnect(() => (reconnects += 1));

      proxy.freeze();
      await eventually(
        async () => {
          // The heartbeat gives the connection up; only then may the way be clear again.
          expect(proxy.connectionsGivenUp()).to.be.greaterThan(0);
        },
        { timeoutMs: 20_000 },
      );
      await proxy.restore();

      await eventually(() => expect(reconnects).to.be.greaterThan(0));
      await publisher.events.publishCommitted([range(1)]);
      await eventually(() => expect(inbox.seqs).to.deep.equal([1]));
    });

    it('keeps installations on one server apart', async () => {
      const neighbour = await store.createSpace();
      const inbox = createInbox();
      await neighbour.open().events.subscribeWorkflow('wf_one', inbox.listener);
      const mine = createInbox();
      await subscriber.events.subscribeWorkflow('wf_one', mine.listener);

      await publisher.events.publishCommitted([range(1)]);

      await eventually(() => expect(mine.seqs).to.deep.equal([1]));
      expect(inbox.seqs).to.deep.equal([]);
      await neighbour.end();
    });

    it('tolerates closing twice and closing what was never used', async () => {
      const unused = space.open();
      await subscriber.events.subscribeWorkflow('wf_one', () => undefined);

      await Promise.all([subscriber.close(), subscriber.close(), unused.close()]);
      await unused.close();

      expect((await subscriber.events.health()).ok).to.equal(false);
    });
  });
}

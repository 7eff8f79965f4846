import { toExecutionId } from '@millrace/contracts';
import type { EventBus } from '@millrace/messaging';
import { expect } from 'chai';
import { eventually } from '../../support/poll.js';
import { type RedisScope, redisScopeOrSkip } from '../../support/redis.js';
import { type StreamClient, upTo } from './support/client.js';
import { type StreamPlatform, startPlatform } from './support/nodes.js';

const CHAIN = {
  nodes: ['a', 'b', 'c'].map((id) => ({ id, type: 'set', data: { config: { values: { id } } } })),
  edges: [
    { source: 'a', target: 'b' },
    { source: 'b', target: 'c' },
  ],
};

/** Delivers `keep` of all messages, by a fixed pattern, so that a failure can be repeated. */
function losing(bus: EventBus): EventBus {
  let count = 0;
  return {
    ...bus,
    subscribeWorkflow: (workflowId, listener) =>
      bus.subscribeWorkflow(workflowId, (message) => {
        count += 1;
        if (![0, 3, 7].includes(count % 10)) listener(message);
      }),
  };
}

/** Every execution's events once and in order, as far as its log goes. */
async function sawEverything(
  platform: StreamPlatform,
  clients: readonly StreamClient[],
  executions: readonly string[],
): Promise<void> {
  for (const executionId of executions) {
    const log = await platform.engine.finished(executionId, 30_000);
    for (const client of clients) {
      await eventually(() => {
        const seqs = client.seqs().get(toExecutionId(executionId)) ?? [];
        if (seqs.length < log.length) throw new Error(`${seqs.length} of ${log.length}`);
      });
      expect(client.seqs().get(toExecutionId(executionId))).to.deep.equal(upTo(log.length));
    }
  }
}

for (const backend of ['Postgres', 'Redis']) {
  describe(`stream fan-out over ${backend}`, function () {
    this.timeout(60_000);
    let platform: StreamPlatform;
    let redis: RedisScope | undefined;

    before(async function () {
      redis = backend === 'Redis' ? await redisScopeOrSkip(this) : undefined;
      platform = await startPlatform(redis);
      await platform.engine.startWorker();
    });
    after(async () => {
      await platform?.stop();
      await redis?.cleanup();
    });

    it('gives every client of every node each event once and in order', async () => {
      const workflowId = await platform.engine.createWorkflow(CHAIN);
      const nodes = [await platform.startNode(), await platform.startNode()];
      const clients = nodes.flatMap((node) => [node.connect(workflowId), node.connect(workflowId)]);
      await Promise.all(clients.map((client) => client.connected()));

      const executions = await Promise.all(
        Array.from({ length: 50 }, () => platform.engine.submit(workflowId)),
      );

      await sawEverything(platform, clients, executions);
      expect([...(clients[0]?.seqs().keys() ?? [])]).to.have.lengthOf(50);
    });

    it('refills what the bus loses', async () => {
      const workflowId = await platform.engine.createWorkflow(CHAIN);
      const node = await platform.startNode({ wrapEvents: losing, settings: { reconcileMs: 200 } });
      const clients = [node.connect(workflowId), node.connect(workflowId)];
      await Promise.all(clients.map((client) => client.connected()));

      const executions = await Promise.all(
        Array.from({ length: 20 }, () => platform.engine.submit(workflowId)),
      );

      await sawEverything(platform, clients, executions);
    });

    it('resumes a workflow in the middle of its executions without gap or repeat', async () => {
      const workflowId = await platform.engine.createWorkflow(CHAIN);
      const node = await platform.startNode();
      const since = new Date(Date.now() - 60_000).toISOString();
      const first = node.connect(workflowId);
      await first.connected();
      const executions = await Promise.all(
        Array.from({ length: 30 }, () => platform.engine.submit(workflowId)),
      );
      await eventually(() => expect(first.frames.length).to.be.greaterThan(40));
      first.terminate();
      await first.closed();
      const had = first.seqs();
      const positions = Object.fromEntries([...had].map(([id, seqs]) => [id, seqs.at(-1) ?? 0]));

      const second = node.connect(workflowId);
      await second.connected();
      second.send({ type: 'resume', since, executions: positions });
      const snapshot = await second.frame('snapshot');

      for (const executionId of executions) {
        const log = await platform.engine.finished(executionId, 30_000);
        const id = toExecutionId(executionId);
        await eventually(() => expect(second.seqs().get(id)?.at(-1) ?? positions[id]).to.equal(log.length));
        const from = positions[id] ?? 0;
        const start = second.frames.indexOf(snapshot);
        const after = second.frames
          .slice(start)
          .filter((frame) => frame.at('execution_id') === id && typeof frame.at('seq') === 'number')
          .map((frame) => frame.number('seq'));
        expect(after).to.deep.equal(upTo(log.length, from + 1));
      }
    });

    it('resumes one execution by its query, lives on and says its end', async () => {
      const workflowId = await platform.engine.createWorkflow(CHAIN);
      const node = await platform.startNode();
      const executionId = await platform.engine.submit(workflowId);
      // Until then 2 is a place beyond the log, which is answered otherwise.
      await eventually(async () =>
        expect((await platform.engine.head(executionId)).lastSeq).to.be.at.least(2),
      );
      const client = node.connect(toExecutionId(executionId), { query: { last_seq: '2' } });

      const { code } = await client.closed();

      const log = await platform.engine.events(executionId);
      expect(client.seqs().get(toExecutionId(executionId))).to.deep.equal(upTo(log.length, 3));
      expect(code).to.equal(1000);
      expect(client.frames.map((frame) => frame.at('type')).at(0)).to.equal('connected');
      const end = client.frames.at(-1);
      expect(end?.value).to.include({ type: 'end', status: 'completed', last_seq: log.length });
    });
  });
}

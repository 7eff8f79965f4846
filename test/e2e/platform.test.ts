import { eventFrame, executeResponse, executionResource, tokenResponse } from '@millrace/contracts';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { migrate } from '@millrace/persistence';
import { freePort } from '../../infra/local/stores.js';
import { killAll, type ServiceProcess, spawnService } from '../recovery/support/processes.js';
import { eventually } from '../support/poll.js';
import { createEmptyDatabase, type ScratchDatabase } from '../support/postgres.js';
import { redisScopeOrSkip, type RedisScope } from '../support/redis.js';

const EXECUTIONS = 500;
const STEPS = 10;
/** queued, started, two events per step, completed. A crash adds `resumed` and repeated starts. */
const LEAST_EVENTS = 2 + 2 * STEPS + 1;
const ADMIN_PASSWORD = 'correct-horse-battery';

interface Frame {
  type: string;
  execution_id?: string;
  seq?: number;
}

/** Follows a workflow on one stream node and keeps every frame with a number, in the order of arrival. */
async function follow(port: number, workflowId: string, token: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/api/v1/ws/executions/${workflowId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const seqs = new Map<string, number[]>();
  const ended = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame: Frame = JSON.parse(data.toString('utf8')) as Frame;
      if (frame.type === 'connected') resolve();
      if (frame.execution_id === undefined || frame.seq === undefined) return;
      const list = seqs.get(frame.execution_id) ?? [];
      list.push(frame.seq);
      seqs.set(frame.execution_id, list);
      if (frame.type === 'completed') ended.add(frame.execution_id);
    });
  });
  return {
    seqs,
    ended,
    close: () => {
      socket.close();
    },
  };
}

describe('the platform in processes', function () {
  this.timeout(180_000);

  let database: ScratchDatabase;
  let redis: RedisScope;
  let base: string;
  let token: string;
  let workers: ServiceProcess[];
  let streamPorts: number[];
  let env: Record<string, string>;

  before(async function () {
    redis = await redisScopeOrSkip(this);
    database = await createEmptyDatabase();
    await migrate(database.url);
    const [gatewayPort, ...ports] = await Promise.all([freePort(), freePort(), freePort()]);
    streamPorts = ports;
    base = `http://127.0.0.1:${String(gatewayPort)}/api/v1`;
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      JWT_SECRET: 'a-secret-of-the-end-to-end-tests-0123456789',
      ADMIN_PASSWORD,
      USER_PASSWORD: 'another-horse-battery',
      WORKER_CONCURRENCY: '16',
    };
    spawnService('gateway', { ...env, PORT: String(gatewayPort) });
    for (const port of streamPorts) spawnService('stream', { ...env, PORT: String(port) });
    spawnService('scheduler', env);
    workers = [spawnService('worker', env), spawnService('worker', env), spawnService('worker', env)];
    await eventually(
      async () => {
        const health = await call('GET', '/health');
        expect(health.body).to.have.nested.property('components.workers.live', 3);
      },
      { timeoutMs: 60_000 },
    );
    await Promise.all(
      streamPorts.map((port) =>
        eventually(
          async () =>
            expect((await fetch(`http://127.0.0.1:${String(port)}/health/ready`)).status).to.equal(200),
          {
            timeoutMs: 30_000,
          },
        ),
      ),
    );
    const signIn = await call('POST', '/auth/login/json', { username: 'admin', password: ADMIN_PASSWORD });
    token = tokenResponse.parse(signIn.body).access_token;
  });
  after(async () => {
    await killAll();
    await redis.cleanup();
    await database.drop({ allowOpen: true });
  });

  async function call(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function createChain(id: string): Promise<void> {
    const nodes = Array.from({ length: STEPS }, (_, index) => ({
      id: `step_${String(index)}`,
      type: 'set',
      data: { config: { values: { n: '=parameters.n', index } } },
    }));
    const edges = nodes.slice(1).map((node, index) => ({ source: `step_${String(index)}`, target: node.id }));
    const created = await call('POST', '/workflows/visual/create', { id, name: id, nodes, edges });
    expect(created.status).to.equal(201);
  }

  async function submit(workflowId: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < count; at += 50) {
      const answers = await Promise.all(
        Array.from({ length: Math.min(50, count - at) }, (_, index) =>
          call('POST', `/workflows/${workflowId}/execute`, { parameters: { n: at + index } }),
        ),
      );
      for (const { status, body } of answers) {
        expect(status).to.equal(202);
        ids.push(executeResponse.parse(body).execution_id);
      }
    }
    return ids;
  }

  async function expectEverything(workflowId: string, during: () => Promise<void>): Promise<void> {
    await createChain(workflowId);
    const clients = await Promise.all(
      [...streamPorts, ...streamPorts].map((port) => follow(port, workflowId, token)),
    );
    const submitting = submit(workflowId, EXECUTIONS);
    await during();
    const ids = await submitting;

    await eventually(
      () => {
        for (const client of clients) expect(client.ended.size).to.equal(EXECUTIONS);
      },
      { timeoutMs: 90_000 },
    );
    for (const { seqs, close } of clients) {
      expect([...seqs.keys()].toSorted()).to.deep.equal(ids.toSorted());
      for (const [id, list] of seqs) {
        expect(list, id).to.deep.equal(list.map((_, index) => index + 1));
        expect(list.length, id).to.be.at.least(LEAST_EVENTS);
      }
      close();
    }
    await expectRanOnce(ids);
  }

  /** From the log itself: gap-free, and each step's result recorded once. */
  async function expectRanOnce(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const { body } = await call('GET', `/executions/${id}/events?limit=1000`);
      const events = z.array(eventFrame).parse(body);
      expect(events.map((event) => event.seq)).to.deep.equal(events.map((_, index) => index + 1));
      const completed = events
        .filter((event) => event.type === 'step_completed')
        .map((event) => event.data['step_id']);
      expect(completed).to.deep.equal(Array.from({ length: STEPS }, (_, index) => `step_${String(index)}`));
      expect(events.at(-1)?.type).to.equal('completed');
    }
  }

  it(`runs ${String(EXECUTIONS)} executions and shows every client every event once and in order`, () =>
    expectEverything('steady', () => Promise.resolve()));

  it('and all the same when a worker is killed in the middle', () =>
    expectEverything('killed', async () => {
      await eventually(
        async () => {
          const { body } = await call('GET', '/executions?workflow=killed&status=completed&limit=1');
          expect(body).to.have.length(1);
        },
        { timeoutMs: 30_000 },
      );
      workers[0]?.kill('SIGKILL');
      workers.push(spawnService('worker', env));
    }));

  it('gives the result over HTTP', async () => {
    const [id] = await submit('steady', 1);
    await eventually(async () => {
      const { body } = await call('GET', `/workflows/executions/${String(id)}`);
      const { status, result } = executionResource.parse(body);
      expect(status).to.equal('completed');
      expect(result).to.deep.equal({
        workflow_name: 'steady',
        steps_completed: STEPS,
        output: { n: 0, index: STEPS - 1 },
      });
    });
  });
});

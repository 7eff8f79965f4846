import { migrate } from '@millrace/persistence';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { sendJson, startTarget, type Target } from '../integration/worker/support/target.js';
import { type Engine, startEngine } from '../support/engine.js';
import { eventually } from '../support/poll.js';
import { startOwnPostgres } from '../support/postgres.js';
import { startOwnRedis } from '../support/redis.js';
import { killAll, type ServiceProcess, spawnService } from './support/processes.js';

const JOINED = 'the worker has joined';
const CALLS = ['call_1', 'call_2', 'call_3'];

/**
 * Worker and scheduler processes on a Redis and a Postgres of their own, which the tests kill, stop, flush and restart.
 * The processes go on from one test to the next; each test leaves at least two workers that work.
 */
describe('processes', function () {
  this.timeout(120_000);

  let engine: Engine;
  let target: Target;
  let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
  let redis: Awaited<ReturnType<typeof startOwnRedis>>;
  let env: Record<string, string>;
  let workers: ServiceProcess[];
  let pipeline: string;
  let patient: string;
  /** Requests to `/long` are answered when this resolves. */
  let release: () => void;

  before(async () => {
    [postgres, redis, target] = await Promise.all([
      // What was committed has to survive the crash of the server's processes.
      startOwnPostgres({ synchronous_commit: 'on' }),
      startOwnRedis(),
      startTarget(),
    ]);
    await migrate(postgres.url);
    engine = await startEngine({
      database: { url: postgres.url, drop: () => Promise.resolve() },
      redis: { url: redis.url, prefix: 'recovery' },
    });
    env = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      REDIS_PREFIX: 'recovery',
      OUTBOUND_ALLOW: target.address,
      WORKER_CONCURRENCY: '16',
      DRAIN_SECONDS: '5',
    };
    pipeline = await engine.createWorkflow(tenSteps(target.url));
    patient = await engine.createWorkflow({
      nodes: [{ id: 'long', type: 'http_request', data: { config: { url: `${target.url}/long` } } }],
    });
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    target.on('/long', async (_call, response) => {
      await held;
      sendJson(response, 200, {});
    });
    spawnService('scheduler', env);
    spawnService('scheduler', env);
    workers = [spawnService('worker', env), spawnService('worker', env), spawnService('worker', env)];
    await Promise.all(workers.map((worker) => worker.said(JOINED)));
  });

  after(async () => {
    await killAll();
    await engine.stop();
    await target.stop();
    await redis.stop();
    await postgres.stop();
  });

  beforeEach(() => {
    target.calls.length = 0;
  });

  async function submit(workflowId: string, count: number): Promise<string[]> {
    const outcomes = await engine.runtime.submitMany(
      Array.from({ length: count }, (_, n) => ({
        workflowId,
        workflowVersion: 1,
        ownerId: engine.owner.id,
        submittedBy: engine.owner,
        parameters: { n },
        stepsTotal: 10,
        traceId: 'recovery',
      })),
    );
    return outcomes.map((outcome) => (outcome.kind === 'accepted' ? outcome.executionId : ''));
  }

  async function callsReach(count: number): Promise<void> {
    await eventually(
      () => {
        expect(target.calls.length).to.be.at.least(count);
      },
      { timeoutMs: 30_000, description: 'the middle of the work' },
    );
  }

  async function allEnd(ids: readonly string[]): Promise<void> {
    await eventually(
      async () => {
        const { rows } = await engine.pool.query<{ live: number }>(
          'SELECT count(*) AS live FROM execution_state WHERE execution_id = ANY($1::uuid[])',
          [ids],
        );
        expect(rows[0]?.live, 'live executions').to.equal(0);
      },
      { timeoutMs: 60_000 },
    );
  }

  /** All completed, logs without gaps, every result recorded once, every effect at least once and no oftener than started. */
  async function expectWhole(ids: readonly string[]): Promise<void> {
    const { rows: sums } = await engine.pool.query<Record<string, number>>(
      `SELECT count(*) FILTER (WHERE x.status = 'completed') AS completed,
              count(*) FILTER (WHERE e.events = e.last AND e.last = x.final_seq) AS gapless,
              count(*) FILTER (WHERE e.ends = 1) AS ended_once,
              count(*) FILTER (WHERE e.results = 10 AND e.distinct_results = 10) AS whole
       FROM executions x CROSS JOIN LATERAL (
         SELECT count(*) AS events, max(seq) AS last,
                count(*) FILTER (WHERE type IN ('completed', 'failed', 'cancelled', 'timed_out')) AS ends,
                count(*) FILTER (WHERE type = 'step_completed') AS results,
                count(DISTINCT data->>'step_id') FILTER (WHERE type = 'step_completed') AS distinct_results
         FROM execution_events v WHERE v.execution_id = x.id
       ) e WHERE x.id = ANY($1::uuid[])`,
      [ids],
    );
    const all = ids.length;
    expect(sums[0]).to.deep.equal({ completed: all, gapless: all, ended_once: all, whole: all });

    const { rows: starts } = await engine.pool.query<{ key: string; starts: number }>(
      `SELECT data->>'idempotency_key' AS key, count(*) AS starts FROM execution_events
       WHERE execution_id = ANY($1::uuid[]) AND type = 'step_started' AND data->>'idempotency_key' IS NOT NULL
       GROUP BY 1`,
      [ids],
    );
    const called = new Map<string, number>();
    for (const { idempotencyKey = '' } of target.calls) {
      called.set(idempotencyKey, (called.get(idempotencyKey) ?? 0) + 1);
    }
    expect(starts).to.have.length(all * CALLS.length);
    for (const { key, starts: started } of starts) {
      expect(called.get(key) ?? 0, key).to.be.within(1, started);
    }
    const { rows: left } = await engine.pool.query<{ left: number }>(
      'SELECT (SELECT count(*) FROM signals) + (SELECT count(*) FROM execution_snapshots) AS left',
    );
    expect(left[0]?.left).to.equal(0);
  }

  it('kill -9 in the middle of 500 executions changes nothing of their logs', async () => {
    const ids = await submit(pipeline, 500);
    await callsReach(200);

    workers.shift()?.kill('SIGKILL');
    workers.push(spawnService('worker', env));
    await allEnd(ids);

    await expectWhole(ids);
    const { rows } = await engine.pool.query<{ recovered: number }>(
      "SELECT count(DISTINCT execution_id) AS recovered FROM execution_events WHERE type = 'resumed'",
    );
    expect(rows[0]?.recovered, 'the victim had some').to.be.greaterThan(0);
    await workers.at(-1)?.said(JOINED);
  });

  it('a worker that was stopped beyond its lease fences itself, writes nothing and joins again', async () => {
    const ids = await submit(pipeline, 300);
    await callsReach(100);
    const [victim] = workers;

    victim?.kill('SIGSTOP');
    await allEnd(ids);
    await expectWhole(ids);
    const written = await countEvents();
    victim?.kill('SIGCONT');
    await victim?.said(JOINED, 2);

    expect(await countEvents()).to.equal(written);
    expect(victim?.messages).to.include('the lease is lost: this worker stops its executions');
    const more = await submit(pipeline, 50);
    await allEnd(more);
  });

  async function countEvents(): Promise<number> {
    const { rows } = await engine.pool.query<{ events: number }>(
      'SELECT count(*) AS events FROM execution_events',
    );
    return rows[0]?.events ?? 0;
  }

  it('SIGTERM gives back what takes too long, and counts no crash', async () => {
    const ids = await submit(patient, 9);
    await callsReach(9);
    const leaving = workers.splice(0, 2);

    for (const worker of leaving) worker.kill('SIGTERM');
    const codes = await Promise.all(leaving.map((worker) => worker.exited));
    await eventually(async () => {
      const { rows } = await engine.pool.query<{ count: number }>(
        `SELECT count(*) AS count FROM execution_state s JOIN workers w ON w.id = s.worker_id
         WHERE s.execution_id = ANY($1::uuid[]) AND w.lease_until > now() AND NOT w.draining`,
        [ids],
      );
      expect(rows[0]?.count, 'all in the hands of the last one').to.equal(9);
    });

    expect(codes).to.deep.equal([0, 0]);
    const { rows } = await engine.pool.query<{ crashes: number }>(
      'SELECT sum(crashes) AS crashes FROM execution_state WHERE execution_id = ANY($1::uuid[])',
      [ids],
    );
    expect(rows[0]?.crashes).to.equal(0);
    workers.push(spawnService('worker', env));
    release();
    await allEnd(ids);
    await workers.at(-1)?.said(JOINED);
  });

  it('a queue that loses everything loses no execution', async () => {
    const client = new Redis(redis.url, { lazyConnect: true });
    await client.connect();
    const ids = await submit(pipeline, 300);
    await callsReach(50);

    await client.flushall();
    client.disconnect();

    await allEnd(ids);
    await expectWhole(ids);
  });

  it('while Redis is down executions are accepted, and run when it is back', async () => {
    const before = await submit(pipeline, 100);
    await callsReach(20);
    const { port } = new URL(redis.url);

    await redis.stop();
    const during = await submit(pipeline, 100);
    redis = await startOwnRedis({ port: Number(port) });

    const ids = [...before, ...during];
    await allEnd(ids);
    await expectWhole(ids);
  });

  it('a Postgres that crashes and comes back fails nothing', async () => {
    const ids = await submit(pipeline, 300);
    await callsReach(100);

    // Losing one server process makes the server end all others and recover.
    const { rows } = await engine.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');

    await eventually(() => allEnd(ids), { timeoutMs: 60_000 });
    await expectWhole(ids);
  });
});

/** Three calls among seven pure steps. The target honours the idempotency key, so an attempt may be repeated. */
function tenSteps(url: string): Parameters<Engine['createWorkflow']>[0] {
  const nodes = Array.from({ length: 10 }, (_, index) => {
    const call = [2, 5, 8].indexOf(index);
    if (call >= 0) {
      const config = { method: 'POST', url: `${url}/count`, body: { n: '=parameters.n' }, idempotent: true };
      const retry = { max_attempts: 5, delay_seconds: 0.1 };
      return { id: CALLS[call] ?? '', type: 'http_request' as const, data: { config, retry } };
    }
    const config = { values: { n: '=parameters.n', index } };
    return { id: `set_${String(index)}`, type: 'set' as const, data: { config } };
  });
  const edges = nodes.slice(1).map((node, index) => ({ source: nodes[index]?.id ?? '', target: node.id }));
  return { nodes, edges };
}

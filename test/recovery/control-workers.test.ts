import type { StoredEvent } from '@millrace/persistence';
import { expect } from 'chai';
import { expectSound, only } from '../integration/worker/support/events.js';
import { hold, sendJson, startTarget, type Target } from '../integration/worker/support/target.js';
import { type Engine, startEngine } from '../support/engine.js';
import { eventually } from '../support/poll.js';
import { createScratchDatabase, type ScratchDatabase } from '../support/postgres.js';
import { redisScopeOrSkip, type RedisScope } from '../support/redis.js';
import { type Cut, nameOf } from './support/cuts.js';
import { killAll, spawnService } from './support/processes.js';
import { killVictims, startVictim, type Victim } from './support/victims.js';

type Act = 'pause' | 'resume' | 'skip' | 'cancel' | 'retry';

/** What is done to an execution, and where the worker dies that obeys. */
const LIVES: readonly { act: Act; of: 'waits' | 'hangs' | 'fails'; place: string; fate: Cut['fate'] }[] = [
  { act: 'pause', of: 'waits', place: 'read pause', fate: 'lost' },
  { act: 'pause', of: 'waits', place: 'paused', fate: 'lost' },
  { act: 'pause', of: 'waits', place: 'paused', fate: 'committed' },
  { act: 'resume', of: 'waits', place: 'read resume', fate: 'lost' },
  { act: 'resume', of: 'waits', place: 'resumed', fate: 'lost' },
  { act: 'resume', of: 'waits', place: 'resumed', fate: 'committed' },
  { act: 'skip', of: 'waits', place: 'read skip', fate: 'lost' },
  { act: 'skip', of: 'waits', place: 'step_skipped hold', fate: 'lost' },
  { act: 'skip', of: 'waits', place: 'step_skipped hold', fate: 'committed' },
  { act: 'skip', of: 'hangs', place: 'step_skipped hold', fate: 'lost' },
  { act: 'skip', of: 'hangs', place: 'step_skipped hold', fate: 'committed' },
  { act: 'cancel', of: 'hangs', place: 'read cancel', fate: 'lost' },
  { act: 'cancel', of: 'hangs', place: 'cancelled', fate: 'lost' },
  { act: 'cancel', of: 'hangs', place: 'cancelled', fate: 'committed' },
  { act: 'retry', of: 'fails', place: 'started', fate: 'lost' },
  { act: 'retry', of: 'fails', place: 'started', fate: 'committed' },
];

/** One worker process obeys in all of these executions and dies in each at another place; another one takes over. */
for (const mode of ['PostgreSQL alone', 'Redis'] as const) {
  describe(`a worker that is killed while it is steered, with ${mode}`, function () {
    this.timeout(300_000);

    let database: ScratchDatabase;
    let redis: RedisScope | undefined;
    let engine: Engine;
    let target: Target;
    let isMended = false;

    before(async function () {
      if (mode === 'Redis') redis = await redisScopeOrSkip(this);
      database = await createScratchDatabase();
      target = await startTarget();
      target.on('/never', hold);
      target.on('/refuse', (_call, response) => {
        sendJson(response, isMended ? 200 : 400, {});
      });
      engine = await startEngine({ database, ...(redis && { redis }) });
      await engine.startScheduler();
    });
    after(async () => {
      killVictims();
      await killAll();
      await engine.stop();
      await target.stop();
      await redis?.cleanup();
      await database.drop({ allowOpen: true });
    });

    const workflows = async () => ({
      waits: await engine.createWorkflow(
        followedByCall(step('hold', 'wait_for_event', { name: 'go', key: '=parameters.key' })),
      ),
      hangs: await engine.createWorkflow(
        followedByCall(step('hold', 'http_request', { method: 'POST', url: `${target.url}/never` })),
      ),
      fails: await engine.createWorkflow(
        followedByCall(step('hold', 'http_request', { url: `${target.url}/refuse` })),
      ),
    });

    /** It may be started with the very append that its worker dies of; the target counts how often it is called. */
    function followedByCall(first: ReturnType<typeof step>) {
      const config = { method: 'POST', url: `${target.url}/tell`, idempotent: true };
      const tell = step('tell', 'http_request', config);
      return { nodes: [first, tell], edges: [{ source: 'hold', target: 'tell' }] };
    }

    const steer = (executionId: string) => ({ executionId, by: engine.owner, waitMs: 0 });
    const callsOf = (event: StoredEvent) =>
      target.calls.filter(({ idempotencyKey }) => idempotencyKey === event.data['idempotency_key']);

    async function reach(ids: readonly string[], ...statuses: string[]): Promise<void> {
      await eventually(
        async () => {
          for (const id of ids) expect(statuses, id).to.include((await engine.head(id)).status);
        },
        { timeoutMs: 60_000, whileChanging: true },
      );
    }

    async function retry(of: string, workflowId: string, key: string): Promise<string> {
      const parameters = { key };
      const prepared = await engine.runtime.repeats.prepare({
        earlier: { executionId: of, rootId: of, workflowId, workflowVersion: 1, untilStep: null, parameters },
        ...{ workflowVersion: 1, untilStep: null, parameters, mode: { kind: 'retry' }, inputs: {} },
      });
      if (prepared === undefined) throw new Error('there is nothing to retry');
      const outcome = await engine.runtime.submit({
        ...{ workflowId, workflowVersion: 1, ownerId: engine.owner.id, submittedBy: engine.owner },
        ...{ parameters, retry: prepared, stepsTotal: 2, traceId: 'test' },
      });
      if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
      return outcome.executionId;
    }

    async function act(life: { act: Act; id: string; key: string; workflowId: string }): Promise<string> {
      const { id } = life;
      const { steering } = engine.runtime;
      if (life.act === 'retry') return retry(id, life.workflowId, life.key);
      if (life.act === 'cancel') await engine.runtime.cancel(steer(id));
      else if (life.act === 'skip') {
        await steering.skip({ ...steer(id), step_id: 'hold', output: 'by hand' });
      } else await steering[life.act](steer(id));
      return id;
    }

    /** Of a process that is dead: nobody has to wait for its lease. */
    async function kill(victim: Victim): Promise<void> {
      await victim.kill();
      await engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 second'");
    }

    it('signals_read_not_recorded: all that it was told is done once', async () => {
      const ids = await workflows();
      const settings = { databaseUrl: database.url, allow: target.address };
      const victim = await startVictim({
        ...settings,
        ...(redis && { redis: { url: redis.url, prefix: redis.prefix } }),
      });
      const lives = await Promise.all(
        LIVES.map(async (life, n) => {
          const key = `life-${String(n)}`;
          const workflowId = ids[life.of];
          return { ...life, key, workflowId, id: await engine.submit(workflowId, { key }) };
        }),
      );
      const of = (...acts: Act[]) => lives.filter((life) => acts.includes(life.act));
      const idsOf = (...acts: Act[]) => of(...acts).map(({ id }) => id);
      await reach(idsOf('pause', 'resume'), 'waiting');
      await reach(idsOf('retry'), 'failed');
      await eventually(() => {
        expect(target.callsTo('/never')).to.have.length(lives.filter((life) => life.of === 'hangs').length);
      });
      for (const id of idsOf('resume')) await engine.runtime.steering.pause(steer(id));
      await reach(idsOf('resume'), 'paused');
      isMended = true;

      await victim.cut(lives.map(({ key, place, fate }) => ({ key, child: '', place, fate })));
      const acted = new Map(
        await Promise.all(lives.map(async (life) => [life.key, await act(life)] as const)),
      );
      await eventually(
        () => {
          const met = new Set(Array.from(victim.held.values(), nameOf));
          const unmet = lives.filter((life) => !met.has(nameOf({ ...life, child: '' })));
          expect(unmet.map(({ act: what, place }) => `${what}: ${place}`)).to.deep.equal([]);
        },
        { timeoutMs: 60_000, whileChanging: true },
      );
      await kill(victim);
      spawnService('worker', {
        DATABASE_URL: database.url,
        ...(redis && { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
        OUTBOUND_ALLOW: target.address,
      });

      await reach(idsOf('pause'), 'paused');
      for (const id of idsOf('pause')) await engine.runtime.steering.resume(steer(id));
      await reach(idsOf('pause', 'resume'), 'waiting', 'running');
      for (const { key } of of('pause', 'resume')) {
        const event = { ownerId: engine.owner.id, name: 'go', key, payload: 1, sentBy: engine.owner.id };
        await engine.runtime.externalEvents.send({ ...event, ttlSeconds: 3_600 });
      }
      await reach(idsOf('cancel'), 'cancelled');
      await reach(
        of('pause', 'resume', 'skip', 'retry').map(({ key }) => acted.get(key) ?? ''),
        'completed',
      );

      for (const life of lives) {
        const events = await engine.events(acted.get(life.key) ?? '');
        const what = `${life.act}: ${life.place} ${life.fate}`;
        expectSound(events);
        const by = (type: string) =>
          events.filter((event) => event.type === type && event.data['by'] === engine.owner.username).length;
        if (life.act === 'pause' || life.act === 'resume') {
          expect([by('paused'), by('resumed')], what).to.deep.equal([1, 1]);
        }
        if (life.act === 'skip') {
          expect(only(events, 'step_skipped', 'hold').data, what).to.deep.include({ output: 'by hand' });
        }
        // What was skipped or cancelled is not called again.
        if (life.of === 'hangs')
          expect(callsOf(only(events, 'step_started', 'hold')), what).to.have.length(1);
        if (life.act === 'cancel') expect(by('cancelled'), what).to.equal(1);
        else {
          const tell = events.find(({ type, data }) => type === 'step_started' && data['step_id'] === 'tell');
          expect(tell && callsOf(tell), what).to.have.length(1);
        }
      }
    });
  });
}

function step(id: string, type: 'wait_for_event' | 'http_request', config: Record<string, string | boolean>) {
  return { id, type, data: { config } };
}

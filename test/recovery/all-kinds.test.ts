import { isJsonObject, type JsonValue } from '@millrace/contracts';
import type { StoredEvent } from '@millrace/persistence';
import { expect } from 'chai';
import type { Target } from '../integration/worker/support/target.js';
import { type Engine, startEngine } from '../support/engine.js';
import { eventually } from '../support/poll.js';
import { createScratchDatabase, type ScratchDatabase } from '../support/postgres.js';
import { redisScopeOrSkip, type RedisScope } from '../support/redis.js';
import { callsByKey, childOf, everyKind, failing, PART_SIZE, startWorld } from './support/all-kinds.js';
import { type Cut, type Fate, nameOf, placeOf } from './support/cuts.js';
import { paid, startPeople } from './support/people.js';
import { killAll, spawnService } from './support/processes.js';
import { killVictims, startVictim, type Victim, type VictimSettings } from './support/victims.js';

/** Of a part of a map, whose items are all alike, these are places to die at. */
const PART = /^many\.\d$/;
const CUT_IN_PART = /^(started|completed|step_started (many|one\/[0-4])|step_completed many)$/;
/** They race for a join, and in some runs have lost before they began: nobody could be killed there. */
const RACER = /\b(slow|never)\b/;
const SETTLED = new Set(['step_completed', 'step_failed', 'step_skipped', 'step_discarded']);
const GIVES_AWAY = new Set(['waiting', 'resumed', 'failing', 'completed', 'failed']);
const ENDS = new Set(['completed', 'failed', 'cancelled', 'timed_out']);

/** How busy the machine is must not decide; that something goes on, does. */
const PATIENCE = { timeoutMs: 60_000, whileChanging: true };

const ENDS_SO = [
  {
    status: 'completed',
    output: {
      ...{ sum: 122, shape: { booked: 122, rate: 42 }, paid: { amount: 122 }, allowed: 'completed' },
      tasks: [
        'Check that the release is ready',
        'Plan the release of the release',
        'Deploy the release to a staging environment',
        'Verify the release in staging',
        'Deploy the release to production',
        'Monitor the release after the release',
      ],
      ...{ grid: [4, 2, 'code_error'], many: 10, count: 5 },
      ...{ grow: { iterations: 3, output: { n: 2 } }, sub: { n: 7 } },
      ...{ won: 200, mended: 'http_status', charged: 200 },
    },
    error: null,
  },
  { status: 'failed', output: null, error: 'http_status' },
];

interface Log {
  child: string;
  executionId: string;
  events: StoredEvent[];
}

/**
 * One execution without disturbance says what there is to see. Then, for each step that it started and each event that
 * it recorded, there is an execution whose worker is killed right there; another worker takes over and is killed as
 * well, at the first thing it writes; a third one ends it.
 */
for (const mode of ['PostgreSQL alone', 'Redis'] as const) {
  describe(`every kind of step, with ${mode}`, function () {
    this.timeout(600_000);

    let database: ScratchDatabase;
    let redis: RedisScope | undefined;
    let engine: Engine;
    let target: Target;
    let people: { stop(): Promise<void> };
    let settings: VictimSettings;

    before(async function () {
      if (mode === 'Redis') redis = await redisScopeOrSkip(this);
      database = await createScratchDatabase();
      target = await startWorld();
      engine = await startEngine({ database, ...(redis && { redis }) });
      await engine.startScheduler();
      people = await startPeople(engine, target);
      settings = {
        databaseUrl: database.url,
        ...(redis && { redis: { url: redis.url, prefix: redis.prefix } }),
        allow: target.address,
      };
    });
    after(async () => {
      killVictims();
      await killAll();
      await people.stop();
      await engine.stop();
      await target.stop();
      await redis?.cleanup();
      await database.drop({ allowOpen: true });
    });

    it('gives the same result, wherever workers are killed', async () => {
      const child = await engine.createWorkflow(childOf(target.url));
      const workflows = [
        await engine.createWorkflow(everyKind(target.url, child)),
        await engine.createWorkflow(failing(target.url)),
      ];
      const first = await startVictim(settings);
      const undisturbed = await Promise.all(
        workflows.map((workflowId) => engine.submit(workflowId, { key: `undisturbed ${workflowId}` })),
      );
      await allEnd();
      const expected = await Promise.all(undisturbed.map(summaryOf));
      const references = await Promise.all(undisturbed.map(logsOf));
      const lives = references.flatMap((logs, index) =>
        toCuts(logs).map((cut, n) => ({ ...cut, index, key: `${String(index)}-${String(n)}` })),
      );

      await first.cut(lives);
      const roots: string[] = [];
      for (const [n, { index, key }] of lives.entries()) {
        // Every other event is there before anybody waits for it.
        if (n % 2 === 1) await engine.runtime.externalEvents.send(paid(engine, key, 3_600));
        roots.push(await engine.submit(workflows[index] ?? '', { key }));
      }
      await eventually(
        () => {
          const met = new Set(Array.from(first.held.values(), nameOf));
          const unmet = lives.map(nameOf).filter((name) => !met.has(name));
          expect(unmet, unmet.join(', ')).to.deep.equal([]);
        },
        { ...PATIENCE, description: 'every execution to stand at its cut' },
      );
      await kill(first);
      const second = await startVictim({ ...settings, again: 'committed' });
      await eventually(() => expectAllHeld(second), { ...PATIENCE, description: 'all to be taken over' });
      await kill(second);
      spawnService('worker', workerEnvironment());
      await allEnd();

      expect(expected.map(({ status, output, error }) => ({ status, output, error }))).to.deep.equal(ENDS_SO);
      for (const [n, root] of roots.entries()) {
        const life = lives[n];
        const what = JSON.stringify(life);
        const logs = await logsOf(root);
        expect(await summaryOf(root), what).to.deep.equal(expected[life?.index ?? 0]);
        expect(
          logs.map((log) => log.child),
          what,
        ).to.deep.equal(references[life?.index ?? 0]?.map((log) => log.child));
        for (const { events } of logs) expectSound(events, what);
      }
      await expectEffects(roots);
      await expectAskedOnce(roots);
    });

    const workerEnvironment = (): Record<string, string> => ({
      DATABASE_URL: database.url,
      ...(redis && { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix }),
      OUTBOUND_ALLOW: target.address,
      MAP_PART_SIZE: String(PART_SIZE),
      WORKER_CONCURRENCY: '2000',
      DRAIN_SECONDS: '4',
    });

    /** Those of processes that are dead: nobody has to wait for that. */
    const expireLeases = (): Promise<unknown> =>
      engine.pool.query("UPDATE workers SET lease_until = now() - interval '1 second'");

    async function kill(victim: Victim): Promise<void> {
      await victim.kill();
      await expireLeases();
    }

    /** Whatever can be worked on stands still in the victim's hands. */
    async function expectAllHeld({ held }: Victim): Promise<void> {
      const { rows } = await engine.pool.query<{ id: string }>(
        `SELECT execution_id AS id FROM execution_state
         WHERE redispatch_at IS NOT NULL OR worker_id IS NOT NULL OR wake_at < now() + interval '1 minute'`,
      );
      expect(rows.map(({ id }) => id).filter((id) => !held.has(id))).to.deep.equal([]);
      expect(held.size).to.be.greaterThan(0);
    }

    /** No call oftener than its step was started, and none without a result left out. */
    async function expectEffects(roots: readonly string[]): Promise<void> {
      const { rows } = await engine.pool.query<{ key: string; starts: number }>(
        `SELECT v.data->>'idempotency_key' AS key, count(*)::int AS starts
         FROM execution_events v
         WHERE v.data->>'idempotency_key' IS NOT NULL AND v.data->>'kind' = 'http_request'
           AND (v.execution_id = ANY($1::uuid[])
             OR v.execution_id IN (SELECT child_id FROM children WHERE parent_id = ANY($1::uuid[])))
         GROUP BY 1`,
        [roots],
      );
      const calls = callsByKey(target.calls);
      for (const { key, starts } of rows) {
        // A start of a step that hangs may be given up before its call has left.
        const least = /\/(slow|hang)\//.test(key) ? 0 : 1;
        expect(calls.get(key) ?? 0, key).to.be.within(least, starts);
      }
      // Nobody repeats it without having looked.
      const charges = rows.filter(({ key }) => key.endsWith('/charge/0'));
      expect(charges).not.to.deep.equal([]);
      for (const { key } of charges) expect(calls.get(key), key).to.equal(1);
    }

    /** No approval and no wait for an event twice, and none that is left. */
    async function expectAskedOnce(roots: readonly string[]): Promise<void> {
      const { rows } = await engine.pool.query<{ asked: number; approved: number; steps: number }>(
        `SELECT count(*)::int AS asked, count(*) FILTER (WHERE status = 'approved')::int AS approved,
                count(DISTINCT execution_id)::int AS steps
         FROM approvals WHERE kind = 'approval' AND execution_id = ANY($1::uuid[])`,
        [roots],
      );
      const [{ asked, approved, steps } = { asked: 0, approved: 0, steps: 0 }] = rows;
      expect({ asked, approved }).to.deep.equal({ asked: steps, approved: steps });
      const { rows: left } = await engine.pool.query<{ left: number }>(
        `SELECT (SELECT count(*) FROM signals)
              + (SELECT count(*) FROM approvals WHERE status = 'open')
              + (SELECT count(*) FROM children WHERE delivered_at IS NULL AND NOT detached) AS left`,
      );
      expect(left[0]?.left).to.equal(0);
    }

    /** Children that nobody waits for, too. */
    async function allEnd(): Promise<void> {
      await eventually(
        async () => {
          const { rows } = await engine.pool.query(
            'SELECT execution_id, status, last_seq, current_step FROM execution_state LIMIT 5',
          );
          if (rows.length > 0) throw new Error(`still live: ${JSON.stringify(rows)}`);
        },
        { ...PATIENCE, description: 'all to end' },
      );
    }

    /** The log of an execution, and those of its children. */
    async function logsOf(root: string): Promise<Log[]> {
      const { rows } = await engine.pool.query<{ child: string; id: string }>(
        `SELECT '' AS child, $1::uuid AS id
         UNION ALL SELECT step_id || '.' || slot, child_id FROM children WHERE parent_id = $1 ORDER BY 1`,
        [root],
      );
      return Promise.all(
        rows.map(async ({ child, id }) => ({ child, executionId: id, events: await engine.events(id) })),
      );
    }

    /** What must not depend on any crash: the end, and what became of every step, children's included. */
    async function summaryOf(root: string) {
      const { rows } = await engine.pool.query<{ status: string; result: JsonValue; error: JsonValue }>(
        'SELECT status, result, error FROM executions WHERE id = $1',
        [root],
      );
      const [end] = rows;
      const logs = await logsOf(root);
      return {
        status: end?.status,
        output: isJsonObject(end?.result) ? end.result['output'] : null,
        error: isJsonObject(end?.error) ? end.error['code'] : null,
        settled: logs.flatMap(({ child, events }) => settledIn(events).map((place) => `${child} ${place}`)),
      };
    }
  });
}

/** A loser of a join is skipped or discarded: which, says whether it had begun, and that is a matter of timing (J5). */
function settledIn(events: readonly StoredEvent[]): string[] {
  return events
    .filter(({ type }) => SETTLED.has(type))
    .map((event) =>
      event.data['reason'] === 'join' ? `lost the join: ${String(event.data['step_id'])}` : placeOf(event),
    )
    .toSorted();
}

/** Numbered without gaps, ended once, and what waits or iterates was started once: no crash makes it begin anew. */
function expectSound(events: readonly StoredEvent[], what: string): void {
  expect(
    events.map(({ seq }) => seq),
    what,
  ).to.deep.equal(events.map((_, index) => index + 1));
  expect(
    events.filter(({ type }) => ENDS.has(type)),
    what,
  ).to.have.length(1);
  expect(ENDS.has(events.at(-1)?.type ?? ''), what).to.equal(true);
  const lasting = events.filter(
    ({ type, data }) => type === 'step_started' && (data['wait'] ?? data['loop']),
  );
  const started = lasting.map(placeOf);
  expect(started, what).to.deep.equal([...new Set(started)]);
}

/**
 * For each start of a step a worker that dies with it committed, for each append one that dies before it is written, and
 * for what gives the execution up or away both; and one for all that is made known outside.
 */
function toCuts(logs: readonly Log[]): Omit<Cut, 'key'>[] {
  const found = new Map<string, Omit<Cut, 'key'>>();
  const add = (child: string, place: string, fate: Fate): void => {
    found.set(`${child} ${place} ${fate}`, { child, place, fate });
  };
  for (const { child, events } of logs) {
    let append: number | undefined;
    for (const event of events) {
      const place = placeOf(event);
      if (event.type === 'queued' || RACER.test(place)) continue;
      if (PART.test(child) && !CUT_IN_PART.test(place)) continue;
      if (event.type === 'step_started') {
        add(child, place, 'committed');
        continue;
      }
      const isFirst = append !== event.at.getTime();
      append = event.at.getTime();
      if (isFirst) add(child, place, 'lost');
      if (GIVES_AWAY.has(event.type)) {
        add(child, place, 'lost');
        add(child, place, 'committed');
      }
    }
    if (child !== '') add('', `child ${child}`, 'committed');
  }
  if (logs.some(({ child }) => PART.test(child))) {
    for (const place of ['half many', 'wait paid', 'wait allow']) add('', place, 'committed');
  }
  return [...found.values()];
}

/** Whether one worker's event loop goes on turning while executions on it attack it, and what their neighbours feel. */
import type { JsonObject } from '@millrace/contracts';
import type pg from 'pg';
import { startHostileTarget } from '../../support/servers/hostile.js';
import { type Attack, attacks } from '../harness/attacks.js';
import { textAt } from '../harness/api-client.js';
import { atRate } from '../harness/parallel.js';
import { type Platform, startPlatform } from '../harness/platform.js';
import { percentile } from '../harness/statistics.js';
import { drained } from '../harness/verify.js';
import { parametersOf, pureWorkflow } from '../harness/workflows.js';
import { Results, type Section } from '../report/results.js';
import type { ScenarioContext } from './context.js';

/** Small executions a second, beside each attack and alone. */
const NEIGHBOURS_PER_SECOND = 20;
/** An attack is repeated until it has gone on for so long: a percentile needs something to be a part of. */
const ATTACK_MS = 3_000;
const UNDISTURBED = 'undisturbed';

/** Of the worker while something went on, milliseconds. */
interface Felt {
  readonly p99: number;
  readonly max: number;
  /** How long the worker itself computed at a stretch: what of the delay no other process is to blame for. */
  readonly own: { readonly p99: number; readonly max: number };
  readonly rssMb: number;
  /** From submit to end of the neighbours, by the database's clock. */
  readonly neighbours: readonly number[];
}

export async function runHostile({ options, say, logFolder, flagsFor }: ScenarioContext): Promise<Section> {
  const results = new Results('Hostile executions');
  describe(results);
  const target = await startHostileTarget();
  const platform = await startPlatform({
    ...{ logFolder, flagsFor },
    allow: new URL(target.origin).host,
    areWorkersProbed: true,
  });
  try {
    await platform.setWorkers(1);
    const neighbour = await platform.createWorkflow(pureWorkflow());
    const wanted = attacks(target.origin).filter(({ name }) => name.includes(options.attack));
    const surprises = new Set<string>();
    const prepared: { attack: Attack; workflowId: string }[] = [];
    for (const attack of wanted) prepared.push({ attack, workflowId: await register(platform, attack) });
    // Not counted: what compiles at first use, and processes that start.
    await feel(platform, neighbour, () => new Promise((resolve) => setTimeout(resolve, ATTACK_MS)));
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`hostile, round ${round} of ${options.rounds}`);
      const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ATTACK_MS));
      report(results, UNDISTURBED, await feel(platform, neighbour, rest));
      for (const { attack, workflowId } of prepared) {
        const startedAt = performance.now();
        const felt = await feel(platform, neighbour, async () => {
          for (const surprise of await carryOut(platform, attack, workflowId)) surprises.add(surprise);
        });
        report(results, attack.name, felt);
        say(
          `${attack.name}: p99 ${felt.p99.toFixed(0)} ms, longest ${felt.max.toFixed(0)} ms, ` +
            `own CPU p99 ${felt.own.p99.toFixed(0)} ms, longest ${felt.own.max.toFixed(0)} ms, ` +
            `${felt.rssMb.toFixed(0)} MB, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
        );
      }
    }
    if (surprises.size > 0) throw new Error([...surprises].join('\n'));
  } finally {
    await platform.stop();
    await target.stop();
  }
  return results.section();
}

async function register(platform: Platform, { name, nodes, edges = [] }: Attack): Promise<string> {
  return platform.createWorkflow({ name, nodes, edges });
}

/** The delays of the event loop count from the last look at the metrics, so one look begins the measurement. */
async function feel(platform: Platform, neighbour: string, what: () => Promise<unknown>): Promise<Felt> {
  const { api, stores } = platform;
  const since = await now(stores.pool);
  await platform.workerMetrics();
  await platform.workerStretches();
  let submitted = 0;
  const neighbours = atRate(NEIGHBOURS_PER_SECOND, async () => {
    submitted += 1;
    await api.call('POST', `/workflows/${neighbour}/execute`, { parameters: parametersOf(submitted) });
  });
  await what();
  await neighbours.stop();
  const metrics = await platform.workerMetrics();
  const stretches = await platform.workerStretches();
  await drained(stores.pool, neighbour);
  const milliseconds = (name: string): number => (metrics.get(name) ?? NaN) * 1_000;
  return {
    p99: milliseconds('nodejs_eventloop_lag_p99_seconds'),
    max: milliseconds('nodejs_eventloop_lag_max_seconds'),
    own: { p99: percentile(stretches, 0.99), max: Math.max(...stretches) },
    rssMb: (metrics.get('process_resident_memory_bytes') ?? NaN) / 1_000_000,
    neighbours: await durations(stores.pool, neighbour, since),
  };
}

/** Answers with what went otherwise than it should: then something else was measured. */
async function carryOut(platform: Platform, attack: Attack, workflowId: string): Promise<Set<string>> {
  const { api, stores } = platform;
  const { parameters = {}, atOnce = 1 } = attack;
  const until = performance.now() + ATTACK_MS;
  const surprises = new Set<string>();
  do {
    const since = await now(stores.pool);
    await Promise.all(
      Array.from({ length: atOnce }, async () =>
        textAt(await api.call('POST', `/workflows/${workflowId}/execute`, { parameters }), 'execution_id'),
      ),
    );
    await drained(stores.pool, workflowId, 600_000);
    for (const surprise of await surprisesOf(stores.pool, attack, workflowId, since)) surprises.add(surprise);
  } while (performance.now() < until);
  return surprises;
}

async function surprisesOf(
  pool: pg.Pool,
  { name, code }: Attack,
  workflowId: string,
  since: Date,
): Promise<string[]> {
  const { rows } = await pool.query<{ status: string; error: JsonObject | null }>(
    'SELECT status, error FROM executions WHERE workflow_id = $1 AND created_at >= $2',
    [workflowId, since],
  );
  const wanted = code === undefined ? 'completed' : `failed ${code}`;
  return rows.flatMap(({ status, error }) => {
    const found = typeof error?.['code'] === 'string' ? `${status} ${error['code']}` : status;
    return found === wanted ? [] : [`${name}: ${found} instead of ${wanted}: ${JSON.stringify(error)}`];
  });
}

async function now(pool: pg.Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('SELECT now()');
  return rows[0]?.now ?? new Date();
}

async function durations(pool: pg.Pool, workflowId: string, since: Date): Promise<number[]> {
  const { rows } = await pool.query<{ ms: number }>(
    `SELECT (extract(epoch FROM completed_at - created_at) * 1000)::float8 AS ms
     FROM executions WHERE workflow_id = $1 AND created_at >= $2 AND status = 'completed'`,
    [workflowId, since],
  );
  return rows.map(({ ms }) => ms);
}

function report(results: Results, name: string, felt: Felt): void {
  results.add(`${name}: event loop delay, p99`, 'ms', felt.p99);
  results.add(`${name}: event loop delay, longest`, 'ms', felt.max);
  results.add(`${name}: own CPU at a stretch, p99`, 'ms', felt.own.p99);
  results.add(`${name}: own CPU at a stretch, longest`, 'ms', felt.own.max);
  results.add(`${name}: a neighbour from submit to end, p50`, 'ms', percentile(felt.neighbours, 0.5));
  if (name === UNDISTURBED) return;
  results.compare(
    `neighbours of ${name}: p50 / undisturbed`,
    `${name}: a neighbour from submit to end, p50`,
    `${UNDISTURBED}: a neighbour from submit to end, p50`,
  );
}

function describe(results: Results): void {
  results.note(
    `One worker with default settings; each attack goes on for ${ATTACK_MS / 1_000} s or until it ends, beside ${NEIGHBOURS_PER_SECOND} executions of ten pure steps a second. Every attack is checked to complete or to fail with its own error code.`,
  );
  results.note(
    'Event loop delay: as the worker’s own metrics tell it, which look every 10 ms; those 10 ms are part of each figure.',
  );
  results.note(
    'Own CPU at a stretch: how long the worker’s main thread was on a core between two such looks (Linux). What the delay is longer than that, it waited for a core, which its own child processes, the stores, the clients or others on the machine had.',
  );
  results.note('Aims: event loop delay below 50 ms p99, below 100 ms at its longest.');
}

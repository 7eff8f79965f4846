/**
 * Executions per second: the product (HTTP to the last commit, real processes) beside the raw bound (the same SQL on
 * the same stores, nothing else), in turns within each round.
 */
import { type EffectTarget, startTarget } from '../harness/effect-target.js';
import { inLanes } from '../harness/parallel.js';
import { type Platform, startPlatform } from '../harness/platform.js';
import { drained, verifyCompleted } from '../harness/verify.js';
import { effectfulWorkflow, parametersOf, pureWorkflow, STEPS, type Work } from '../harness/workflows.js';
import { type RawEngine, startRawEngine } from '../raw/engine.js';
import { startRawQueue, type RawQueue } from '../raw/queue.js';
import { Results, type Section } from '../report/results.js';
import type { ScenarioContext } from './context.js';

/** How a client submits: one POST each, 64 at once; or 500 to a POST, 4 at once. */
type Way = 'single' | 'batch';

const SINGLE_LANES = 64;
const BATCH_LANES = 4;
const BATCH_ITEMS = 500;
/** Executions at once of a raw worker: enough for its claims and appends to fill their batches. */
const RAW_SLOTS = 200;
const WORKERS = [1, 2] as const;
const WORKS: readonly Work[] = ['pure', 'effectful'];

interface Contenders {
  readonly platform: Platform;
  readonly engine: RawEngine;
  readonly queue: RawQueue;
  readonly target: EffectTarget;
}

export async function runThroughput(context: ScenarioContext): Promise<Section> {
  const { options, say } = context;
  const results = new Results('Throughput');
  describe(results);
  const contenders = await start(context);
  const { queue, engine, platform } = contenders;
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`throughput, round ${round} of ${options.rounds}`);
      const seconds = await queue.addAndDrain(options.jobs);
      results.add('BullMQ, no-op jobs, add and drain', 'jobs/s', options.jobs / seconds);
      for (const workers of WORKERS) {
        await platform.setWorkers(workers);
        for (const work of WORKS) {
          const match: Match = { work, workers, count: countOf(work, options.executions), round };
          await warmUp(contenders, match);
          await play(context, contenders, results, match);
        }
      }
    }
  } finally {
    await platform.stop();
    await engine.stop();
    await queue.stop();
    await contenders.target.stop();
  }
  return results.section();
}

async function start({ logFolder, flagsFor }: ScenarioContext): Promise<Contenders> {
  const target = await startTarget();
  const { host } = new URL(target.url);
  const platform = await startPlatform({ logFolder, flagsFor, allow: host });
  const engine = await startRawEngine({
    targetUrl: target.url,
    slots: RAW_SLOTS,
    workers: Math.max(...WORKERS),
  });
  const queue = await startRawQueue(RAW_SLOTS);
  return { platform, engine, queue, target };
}

/** One kind of work on so many workers, by everyone in turns. */
interface Match {
  readonly work: Work;
  readonly workers: number;
  readonly count: number;
  readonly round: number;
}

/** Effectful executions take longer. */
function countOf(work: Work, executions: number): number {
  return work === 'pure' ? executions : Math.ceil(executions / 2);
}

/** New processes have cold code and no plans. The raw workers live through all rounds; the product's second does not. */
async function warmUp({ platform, engine, target }: Contenders, match: Match): Promise<void> {
  const { work, workers, round } = match;
  const count = Math.ceil(match.count / 2);
  if (round === 1) await engine.submitAndDrain(work, count, workers);
  if (round === 1 || workers > 1) await runProduct(platform, target, work, 'batch', count);
}

async function play(
  { say }: ScenarioContext,
  { platform, engine, target }: Contenders,
  results: Results,
  { work, workers, count, round }: Match,
): Promise<void> {
  const label = `${work}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const raw = `raw ${label}, submit and drain`;
  const record = (name: string, seconds: number): void => {
    results.add(name, 'executions/s', count / seconds);
    say(`  ${name}: ${Math.round(count / seconds)} executions/s`);
  };
  const product = (way: Way) => async (): Promise<void> => {
    const name = `product ${label}, ${way}`;
    const { seconds, submitSeconds } = await runProduct(platform, target, work, way, count);
    record(name, seconds);
    results.add(`${name}: accepted`, 'executions/s', count / submitSeconds);
    results.compare(`product / raw, ${label}, ${way}`, name, raw, 'at least 0.25; aimed at 0.5');
  };
  const turns = [
    async () => record(raw, (await engine.submitAndDrain(work, count, workers)).seconds),
    product('single'),
    product('batch'),
    async () => {
      const { seconds, submitSeconds } = await engine.drainOnly(work, count, workers);
      record(`raw ${label}, drain only`, seconds);
      results.add(`raw ${label}: stored in batches`, 'executions/s', count / submitSeconds);
    },
  ];
  // Whoever comes later meets fuller tables and a busier autovacuum: everybody does, every other round.
  for (const turn of round % 2 === 1 ? turns : turns.reverse()) await turn();
}

async function runProduct(
  platform: Platform,
  target: EffectTarget,
  work: Work,
  way: Way,
  count: number,
): Promise<{ seconds: number; submitSeconds: number }> {
  const definition = work === 'pure' ? pureWorkflow() : effectfulWorkflow(target.url);
  const workflowId = await platform.createWorkflow(definition);
  const effectsBefore = await target.count();
  const startedAt = performance.now();
  await submit(platform, workflowId, way, count);
  const submittedAt = performance.now();
  await drained(platform.stores.pool, workflowId);
  const endedAt = performance.now();
  await verifyCompleted(platform.stores.pool, workflowId, count);
  const effects = (await target.count()) - effectsBefore;
  if (work === 'effectful' && effects !== count * STEPS) {
    throw new Error(`${count * STEPS} requests were due and ${effects} were made`);
  }
  return { seconds: (endedAt - startedAt) / 1_000, submitSeconds: (submittedAt - startedAt) / 1_000 };
}

async function submit({ api }: Platform, workflowId: string, way: Way, count: number): Promise<void> {
  const path = `/workflows/${workflowId}/execute`;
  if (way === 'single') {
    await inLanes(count, SINGLE_LANES, async (index) => {
      await api.call('POST', path, { parameters: parametersOf(index) });
    });
    return;
  }
  await inLanes(Math.ceil(count / BATCH_ITEMS), BATCH_LANES, async (batch) => {
    const size = Math.min(BATCH_ITEMS, count - batch * BATCH_ITEMS);
    const items = Array.from({ length: size }, (_, n) => ({
      parameters: parametersOf(batch * BATCH_ITEMS + n),
    }));
    await api.call('POST', `${path}/batch`, { items });
  });
}

function describe(results: Results): void {
  results.note(
    `An execution has ${STEPS} steps in a chain; steps per second are ${STEPS} times its figures. Pure: \`set\` and \`transform\` in turns. Effectful: \`http_request\` GET to a small server on the same machine, each after a commit.`,
  );
  results.note(
    `Product: from the first POST to the last commit; gateway, scheduler and workers are processes with default settings; one client with an API key and ${SINGLE_LANES} kept connections, or ${BATCH_LANES} with ${BATCH_ITEMS} executions a POST.`,
  );
  results.note(
    `Raw: the same submit, claim and append statements with the same number of worker processes and ${RAW_SLOTS} executions at once in each, so that its batches fill; the same requests; one publish per execution and flush; no HTTP API, queue, expressions or decisions.`,
  );
  results.note(
    'Every execution of every run is checked afterwards: completed, 23 events, every effect once.',
  );
}

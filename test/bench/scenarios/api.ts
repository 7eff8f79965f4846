/** What a request takes: under a stated load, and with few or many executions stored. */
import { textAt } from '../harness/api-client.js';
import { inLanes } from '../harness/parallel.js';
import { type Platform, startPlatform } from '../harness/platform.js';
import { percentilesOf } from '../harness/statistics.js';
import { drained } from '../harness/verify.js';
import { parametersOf, pureWorkflow } from '../harness/workflows.js';
import { addPercentiles, Results, type Section } from '../report/results.js';
import type { ScenarioContext } from './context.js';
import { storeExecutions } from './stored-executions.js';

const LANES = 16;
const FEW = 1_000;

/** The routes of a client that submits and looks, and what each sends. */
const ROUTES = ['POST execute', 'GET execution', 'GET list of 50'] as const;
type Route = (typeof ROUTES)[number];

interface Workload {
  readonly platform: Platform;
  readonly workflowId: string;
  /** Of an execution of the workflow that is finished. */
  readonly executionId: string;
}

export async function runApi(context: ScenarioContext): Promise<Section> {
  const results = new Results('API');
  results.note(
    `Under load: ${LANES} clients at once without pause on one gateway, the three routes in turns, while one worker runs what they submit. Percentiles per route.`,
  );
  results.note(
    `Stored: the same request one after the other on an idle gateway whose database holds ${context.options.stored.toLocaleString('en-US')} finished executions, and on one with ${FEW.toLocaleString('en-US')}, in turns.`,
  );
  results.note('Aim: p95 below 50 ms under load; no difference by what is stored.');
  await underLoad(context, results);
  await byStored(context, results);
  return results.section();
}

async function underLoad(
  { options, say, logFolder, flagsFor }: ScenarioContext,
  results: Results,
): Promise<void> {
  const platform = await startPlatform({ logFolder, flagsFor });
  try {
    await platform.setWorkers(1);
    const workload = await prepare(platform, FEW);
    await hammer(workload, options.requests);
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`API under load, round ${round} of ${options.rounds}`);
      const { times, seconds } = await hammer(workload, options.requests * ROUTES.length);
      results.add('answers under load', 'requests/s', (options.requests * ROUTES.length) / seconds);
      for (const route of ROUTES) addPercentiles(results, `${route}, under load`, times[route]);
    }
  } finally {
    await platform.stop();
  }
}

async function byStored(
  { options, say, logFolder, flagsFor }: ScenarioContext,
  results: Results,
): Promise<void> {
  const fewName = `${FEW} stored`;
  const manyName = `${options.stored} stored`;
  const platforms: Platform[] = [];
  try {
    const workloads: [string, Workload][] = [];
    for (const [name, stored] of [
      [fewName, FEW],
      [manyName, options.stored],
    ] as const) {
      const platform = await startPlatform({ logFolder, flagsFor, scheduler: false });
      platforms.push(platform);
      const workload = await prepare(platform, stored);
      workloads.push([name, workload]);
      for (const route of ROUTES) await inTurn(workload, route, 50);
    }
    const each = Math.ceil(options.requests / 5);
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`API by stored executions, round ${round} of ${options.rounds}`);
      for (const route of ROUTES) {
        for (const [name, workload] of workloads) {
          const { p50 } = percentilesOf(await inTurn(workload, route, each));
          results.add(`${route}, ${name}, p50`, 'ms', p50);
        }
        const [many, few] = [`${route}, ${manyName}, p50`, `${route}, ${fewName}, p50`];
        results.compare(`${route}: time with ${manyName} / with ${fewName}`, many, few, '1.0');
      }
    }
  } finally {
    for (const platform of platforms) await platform.stop();
  }
}

async function prepare(platform: Platform, stored: number): Promise<Workload> {
  const { pool } = platform.stores;
  const workflowId = await platform.createWorkflow(pureWorkflow());
  await storeExecutions(pool, workflowId, stored);
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM executions WHERE workflow_id = $1 ORDER BY id LIMIT 1',
    [workflowId],
  );
  return { platform, workflowId, executionId: `exec_${rows[0]?.id ?? ''}` };
}

/** A closed loop of all routes in turns; the time of each request by route. */
async function hammer(
  workload: Workload,
  requests: number,
): Promise<{ times: Record<Route, number[]>; seconds: number }> {
  const times: Record<Route, number[]> = { 'POST execute': [], 'GET execution': [], 'GET list of 50': [] };
  const startedAt = performance.now();
  await inLanes(requests, LANES, async (index) => {
    const route = ROUTES[index % ROUTES.length] ?? 'GET execution';
    times[route].push(await timed(workload, route, index));
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  await drained(workload.platform.stores.pool, workload.workflowId);
  return { times, seconds };
}

async function inTurn(workload: Workload, route: Route, requests: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) times.push(await timed(workload, route, index));
  return times;
}

async function timed(
  { platform, workflowId, executionId }: Workload,
  route: Route,
  index: number,
): Promise<number> {
  const { api } = platform;
  const startedAt = performance.now();
  if (route === 'POST execute') {
    const body = { parameters: parametersOf(index) };
    textAt(await api.call('POST', `/workflows/${workflowId}/execute`, body), 'execution_id');
  } else if (route === 'GET execution') {
    textAt(await api.call('GET', `/executions/${executionId}`), 'status');
  } else {
    const page = await api.call('GET', `/workflows/${workflowId}/executions?limit=50`);
    if (!Array.isArray(page) || page.length !== 50) throw new Error('the list is not a page of 50');
  }
  return performance.now() - startedAt;
}

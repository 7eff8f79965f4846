/** How soon a user sees something happen: idle, and while other workflows keep the platform busy. */
import { setTimeout } from 'node:timers/promises';
import { textAt } from '../harness/api-client.js';
import { createWallClock } from '../harness/clock.js';
import { atRate, inLanes } from '../harness/parallel.js';
import { isStreamBuilt, type Platform, startPlatform } from '../harness/platform.js';
import { drained, verifyCompleted } from '../harness/verify.js';
import { openWatcher } from '../harness/watcher.js';
import { parametersOf, pureWorkflow } from '../harness/workflows.js';
import { startRawEngine } from '../raw/engine.js';
import { addPercentiles, Results, type Section } from '../report/results.js';
import type { ScenarioContext } from './context.js';

/** The load is this part of what one worker does at most, measured just before. */
const LOAD_SHARE = 0.5;
const BURST = 300;
const WARM_UP = 50;

const END = 'submit to the end of ten steps seen';
const RAW = 'raw: submit to the publish of the end, idle';

export async function runLatency({ options, say, logFolder, flagsFor }: ScenarioContext): Promise<Section> {
  const results = new Results('Latency');
  if (!isStreamBuilt()) {
    results.note('NOT MEASURED: the stream service is not built.');
    return results.section();
  }
  describe(results);
  const platform = await startPlatform({ logFolder, flagsFor, stream: true });
  const engine = await startRawEngine({ targetUrl: 'http://127.0.0.1/', slots: 1, workers: 1 });
  try {
    await platform.setWorkers(1);
    const background = await platform.createWorkflow(pureWorkflow());
    const post = (index: number) => submit(platform, background, index);
    await burst(platform, background);
    await engine.times(WARM_UP);
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`latency, round ${round} of ${options.rounds}`);
      await probe(platform, results, 'idle', options.probes);
      addPercentiles(results, RAW, await engine.times(options.probes));
      results.compare(`${END}, idle, p50: product / raw`, `${END}, idle, p50`, `${RAW}, p50`);
      const most = BURST / (await burst(platform, background));
      const rate = Math.max(1, Math.round(most * LOAD_SHARE));
      results.add('load: executions submitted beside', 'executions/s', rate);
      let sent = 0;
      const load = atRate(rate, async () => {
        sent += 1;
        await post(sent);
      });
      await setTimeout(1_000);
      await probe(platform, results, 'under load', options.probes);
      await load.stop();
      await drained(platform.stores.pool, background);
    }
  } finally {
    await engine.stop();
    await platform.stop();
  }
  return results.section();
}

async function submit({ api }: Platform, workflowId: string, index: number): Promise<string> {
  const answer = await api.call('POST', `/workflows/${workflowId}/execute`, {
    parameters: parametersOf(index),
  });
  return textAt(answer, 'execution_id');
}

/** Seconds that a burst of executions takes. Also warms the processes up. */
async function burst(platform: Platform, workflowId: string): Promise<number> {
  const startedAt = performance.now();
  await inLanes(BURST, 32, async (index) => {
    await submit(platform, workflowId, index);
  });
  await drained(platform.stores.pool, workflowId);
  return (performance.now() - startedAt) / 1_000;
}

/** One execution after the other, each watched by a socket that was open before it was submitted. */
async function probe(
  platform: Platform,
  results: Results,
  state: 'idle' | 'under load',
  count: number,
): Promise<void> {
  const { streamUrl = '', apiKey, stores } = platform;
  const workflowId = await platform.createWorkflow(pureWorkflow());
  const clock = createWallClock();
  const watcher = await openWatcher(streamUrl, apiKey, workflowId, clock);
  const toStep: number[] = [];
  const toFrame: number[] = [];
  const toEnd: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const submittedAt = clock.now();
    const executionId = await submit(platform, workflowId, index);
    const step = await watcher.arrival(executionId, 'step_started');
    const end = await watcher.arrival(executionId, 'completed');
    toStep.push(step.at - submittedAt);
    toFrame.push(step.arrivedAt - submittedAt);
    toEnd.push(end.arrivedAt - submittedAt);
  }
  const commitToFrame = watcher.frames.map(({ at, arrivedAt }) => arrivedAt - at);
  watcher.close();
  await verifyCompleted(stores.pool, workflowId, count);
  const measured: [string, number[]][] = [
    [`submit to first step recorded, ${state}`, toStep],
    [`submit to first step seen, ${state}`, toFrame],
    [`${END}, ${state}`, toEnd],
    [`commit to WebSocket frame, ${state}`, commitToFrame],
  ];
  for (const [name, values] of measured) addPercentiles(results, name, values);
}

function describe(results: Results): void {
  results.note(
    'One worker; executions of ten pure steps, submitted one after the other and watched on their workflow’s WebSocket by the submitting process. Times count from before the POST.',
  );
  results.note(
    'An event’s timestamp is the beginning of the transaction that commits it, in whole milliseconds: commit to frame includes the commit itself.',
  );
  results.note(
    'Raw: the submit, claim and append statements of one execution with its whole log in one append, and the publish; one after the other.',
  );
  results.note(
    `Load: single POSTs at ${LOAD_SHARE} of the rate that the same platform reached just before, evenly spaced.`,
  );
  results.note(
    'Aims: submit to first step below 10 ms p50 idle; commit to frame below 20 ms p95; peers take 4 to 60 ms for ten steps idle, p50.',
  );
}

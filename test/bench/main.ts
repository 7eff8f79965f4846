/**
 * `npm run bench`: how fast the product is, beside what the same machine, stores and statements can do at most. Speed is
 * never asserted; wrong executions are. Started by infra/local/bench.js, which brings up durable stores.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { describeStores } from './harness/stores.js';
import { type BenchOptions, HELP, OptionError, readOptions, type ScenarioName } from './options.js';
import { recordingFlags, topSelfTimes } from './report/profile.js';
import type { Section } from './report/results.js';
import { type RunFacts, toText } from './report/tables.js';
import { resultsFolder, writeResults } from './report/write.js';
import { runApi } from './scenarios/api.js';
import { runConsole } from './scenarios/console.js';
import type { ScenarioContext } from './scenarios/context.js';
import { runHostile } from './scenarios/hostile.js';
import { runLatency } from './scenarios/latency.js';
import { runThroughput } from './scenarios/throughput.js';

const scenarios: Record<ScenarioName, (context: ScenarioContext) => Promise<Section>> = {
  throughput: runThroughput,
  latency: runLatency,
  api: runApi,
  hostile: runHostile,
  console: runConsole,
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const PROFILED = ['gateway', 'worker'];

async function bench(options: BenchOptions): Promise<void> {
  const facts = await gatherFacts(options);
  const logFolder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));
  const profiles = path.join(resultsFolder, `profiles-${facts.date.replaceAll(/[: ]/g, '-')}`);
  const flagsFor = (name: string): string[] =>
    options.profile && PROFILED.includes(name) ? recordingFlags(profiles, name) : [];
  const context: ScenarioContext = { options, logFolder, say, flagsFor };
  say(`${facts.machine}; ${facts.stores}; Node ${facts.node}`);
  const sections: Section[] = [];
  try {
    for (const name of options.only) sections.push(await scenarios[name](context));
  } catch (error) {
    say(`The services' logs are in ${logFolder}.`);
    throw error;
  }
  for (const section of sections) say(toText(section));
  if (options.profile) for (const name of PROFILED) showProfile(profiles, name);
  const files = await writeResults(sections, facts, { intoDocs: options.writeDocs });
  say(`\nWritten: ${files.map((file) => path.relative(process.cwd(), file)).join(', ')}`);
  rmSync(logFolder, { recursive: true, force: true });
}

async function gatherFacts(options: BenchOptions): Promise<RunFacts> {
  const { postgres, redis } = await describeStores();
  const given = process.argv.slice(2).join(' ');
  const cores = cpus().length;
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    command: given === '' ? 'npm run bench' : `npm run bench -- ${given}`,
    machine: `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    stores: `PostgreSQL ${postgres}; Redis ${redis}`,
    node: process.versions.node,
    rounds: options.rounds,
    quick: options.quick,
  };
}

function showProfile(folder: string, name: string): void {
  say(`\n── CPU of ${name}, self time`);
  for (const { where, share } of topSelfTimes(folder, name)) {
    say(`${(share * 100).toFixed(1).padStart(5)} %  ${where}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await bench(options);
  else say(HELP);
  process.exit(0);
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`\n${error instanceof OptionError ? error.message : text}\n`);
  process.exit(1);
}

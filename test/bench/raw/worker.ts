/**
 * One process that claims, appends and finishes executions by the very queries of the product, and nothing else: no
 * queue, no expressions, no decisions. Run as a script by raw/engine.ts.
 */
import { randomUUID } from 'node:crypto';
import {
  type Append,
  type AppendedEvent,
  appendEvents,
  claimExecutions,
  createPool,
} from '@millrace/persistence';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { STEPS } from '../harness/workflows.js';
import { readArgument } from './arguments.js';
import { completed, started, stepCompleted, stepStarted } from './events.js';
import { groupCommit } from './group-commit.js';
import { type Assignment, isRawSettings } from './protocol.js';

/** The batches of packages/runtime. */
const MAX_CLAIMS = 100;
const MAX_APPENDS = 200;

const settings = readArgument(isRawSettings);
const workerId = randomUUID();
const { databaseUrl, targetUrl, slots, channel } = settings;
const db = createPool({
  databaseUrl,
  role: 'millrace_engine',
  max: 3,
  applicationName: 'millrace-bench-raw',
});
const redis = new Redis(settings.redisUrl);
const target = new Pool(new URL(targetUrl).origin, { connections: slots });
const path = new URL(targetUrl).pathname;

const claim = groupCommit<string, number>(MAX_CLAIMS, async (executionIds) => {
  const claims = await claimExecutions(db, workerId, executionIds);
  const epochs = new Map(claims.map(({ executionId, epoch }) => [executionId, epoch]));
  return executionIds.map((id) => epochs.get(id) ?? 0);
});

const append = groupCommit<Append, boolean>(MAX_APPENDS, async (appends) => {
  const { committed } = await appendEvents(db, appends);
  const pipeline = redis.pipeline();
  for (const { executionId, seq, events } of appends) {
    const frames = events.map(({ type, data }) => `{"type":"${type}","data":${data}}`).join(',');
    pipeline.publish(channel, `{"execution_id":"${executionId}","from":${seq + 1},"frames":[${frames}]}`);
  }
  await pipeline.exec();
  return appends.map(({ executionId }) => committed.has(executionId));
});

/** One execution's place in its log. */
class Log {
  #seq = 1;
  constructor(
    readonly executionId: string,
    readonly epoch: number,
  ) {}

  async write(events: readonly AppendedEvent[], stepsDone: number, output?: unknown): Promise<void> {
    const isLast = output !== undefined;
    const result = JSON.stringify({ workflow_name: 'raw', steps_completed: STEPS, output });
    const isCommitted = await append({
      executionId: this.executionId,
      epoch: this.epoch,
      seq: this.#seq,
      events,
      outcome: isLast ? { status: 'completed', result, error: null } : { status: 'running' },
      inboxSeen: 0,
      stepsCompleted: stepsDone,
      currentStep: isLast ? null : `step_${stepsDone}`,
    });
    if (!isCommitted) throw new Error(`${this.executionId} was fenced: the benchmark is wrong`);
    this.#seq += events.length;
  }
}

async function runPure(log: Log): Promise<void> {
  const events = [started(workerId)];
  const output = { order: 1, index: STEPS };
  for (let index = 0; index < STEPS; index += 1) {
    events.push(stepStarted('pure', index, log.executionId, targetUrl), stepCompleted('pure', index, output));
  }
  await log.write([...events, completed(output)], STEPS, output);
}

async function runEffectful(log: Log): Promise<void> {
  let events = [started(workerId)];
  for (let index = 0; ; index += 1) {
    await log.write([...events, stepStarted('effectful', index, log.executionId, targetUrl)], index);
    const output = await effect();
    events = [stepCompleted('effectful', index, output)];
    if (index === STEPS - 1) return log.write([...events, completed(output)], STEPS, output);
  }
}

async function effect(): Promise<unknown> {
  const answer = await target.request({ method: 'GET', path });
  const body: unknown = JSON.parse(await answer.body.text());
  return { status: answer.statusCode, headers: answer.headers, body, url: targetUrl };
}

const pending: { work: Assignment['work']; executionId: string }[] = [];
let running = 0;

function fill(): void {
  while (running < slots) {
    const next = pending.shift();
    if (next === undefined) return;
    running += 1;
    void run(next).finally(() => {
      running -= 1;
      fill();
    });
  }
}

async function run({ work, executionId }: (typeof pending)[number]): Promise<void> {
  const log = new Log(executionId, await claim(executionId));
  await (work === 'pure' ? runPure(log) : runEffectful(log));
}

process.on('message', ({ work, executionIds }: Assignment) => {
  for (const executionId of executionIds) pending.push({ work, executionId });
  fill();
});
process.once('disconnect', () => process.exit(0));
await Promise.all([db.query('SELECT 1'), redis.ping()]);
process.send?.('ready');

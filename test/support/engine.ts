/** A runtime and workers on a scratch database, in this process: for tests below the HTTP API. */
import { createAgentRunner, createGuardedHttp, type LlmSettings, type McpClients } from '@millrace/outbound';
import type { Runtime } from '@millrace/runtime';
import { createCodeRunner } from '@millrace/sandbox';
import { createScheduler, createSchedulerMetrics } from '@millrace/scheduler';
import { createMetrics, type Lifecycle, type Logger } from '@millrace/service-kit';
import {
  createEvaluator,
  createSteps,
  createTelemetry,
  createWorker,
  createWorkerMetrics,
  type WorkerOptions,
  type WorkerService,
} from '@millrace/worker';
import { type RuntimeSetup, type RuntimeSetupOptions, silentLog, startRuntime } from './runtime.js';

export { silentLog } from './runtime.js';

export type EngineOptions = RuntimeSetupOptions;

export interface Engine extends RuntimeSetup {
  startWorker(options?: {
    concurrency?: number;
    drainMs?: number;
    allow?: string[];
    /** Without it agents work offline. */
    llm?: Partial<LlmSettings>;
    mcp?: McpClients;
    runtime?: Runtime;
    log?: Logger;
    /** Over the values of tests: short waits of 200 ms, 32 steps at once. */
    run?: Partial<WorkerOptions['run']>;
    /** What one expression in a thread may take; default 5 s. */
    expressionTimeoutMs?: number;
  }): Promise<WorkerService>;
  /** The housekeeper, with every sweep. */
  startScheduler(): Promise<Lifecycle>;
}

export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const setup = await startRuntime(options);
  const { pool, messaging, runtime } = setup;
  const cleanups: (() => Promise<void>)[] = [];

  return {
    ...setup,
    async startWorker({
      concurrency = 16,
      drainMs = 2_000,
      allow = [],
      llm = {},
      mcp,
      runtime: own = runtime,
      log = silentLog,
      run = {},
      expressionTimeoutMs = 5_000,
    } = {}) {
      const evaluator = createEvaluator({ processes: 1, timeoutMs: expressionTimeoutMs, maxHeapMb: 128 });
      const code = createCodeRunner({ processes: 2 });
      const telemetry = createTelemetry(pool, messaging.events, silentLog);
      const http = createGuardedHttp({ allow });
      const agents = createAgentRunner(llm);
      const metrics = createMetrics('worker');
      const worker: WorkerService = createWorker({
        runtime: own,
        queue: messaging.queue,
        events: messaging.events,
        log,
        version: 'test',
        concurrency,
        drainMs,
        metrics: createWorkerMetrics(metrics, { running: () => worker.running(), slots: concurrency }),
        run: {
          evaluator,
          telemetry,
          steps: createSteps({ http, agents, code, ...(mcp && { mcp }) }),
          loops: { maxItems: 100_000, partSize: 256, maxIterations: 2_000 },
          maxParallelSteps: 32,
          shortWaitMs: 200,
          abortGraceMs: 1_000,
          ...run,
        },
      });
      await worker.start();
      cleanups.push(async () => {
        await worker.stop();
        await evaluator.stop();
        await code.stop();
        await telemetry.stop();
        await http.close();
        await agents.close();
        metrics.stop();
      });
      return worker;
    },
    async startScheduler() {
      const { queue, events } = messaging;
      const metrics = createMetrics('scheduler');
      const scheduler = createScheduler({
        ...{ runtime, queue, events, log: silentLog },
        metrics: createSchedulerMetrics(metrics, { sweeps: runtime.sweeps, queue }),
      });
      await scheduler.start();
      cleanups.push(async () => {
        await scheduler.stop();
        metrics.stop();
      });
      return scheduler;
    },
    async stop() {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
      await setup.stop();
    },
  };
}

import { createAgentRunner, createGuardedHttp, createMcpClients } from '@millrace/outbound';
import { assertSchema, createPool } from '@millrace/persistence';
import { createRuntime } from '@millrace/runtime';
import { createCodeRunner } from '@millrace/sandbox';
import {
  connectMessaging,
  createHealth,
  createMetrics,
  createMetricsServer,
  databaseConfig,
  llmConfig,
  loadConfig,
  outboundConfig,
  redisConfig,
  runService,
  secretsConfig,
  serviceConfig,
  toolsConfig,
  workerConfig,
  VERSION,
} from '@millrace/service-kit';
import { createEvaluator } from './expressions/evaluator.js';
import { createWorkerMetrics } from './metrics.js';
import { createSteps } from './steps/index.js';
import { createTelemetry } from './telemetry.js';
import { createWorker, type WorkerService } from './worker.js';

await runService({
  name: 'worker',
  async start({ log, drainSeconds }) {
    const config = loadConfig({
      database: databaseConfig,
      redis: redisConfig,
      secrets: secretsConfig,
      worker: workerConfig,
      outbound: outboundConfig,
      llm: llmConfig,
      tools: toolsConfig,
      service: serviceConfig,
    });
    const onIdleError = (error: Error): void => {
      log.debug({ err: error }, 'an idle connection broke');
    };
    const pool = createPool({
      databaseUrl: config.database.url,
      role: 'millrace_engine',
      max: config.database.poolSize,
      applicationName: 'millrace-worker',
      onIdleError,
    });
    await assertSchema(config.database.url);
    const messaging = connectMessaging('worker', config, log);
    const leasePool = createPool({
      databaseUrl: config.database.url,
      role: 'millrace_engine',
      max: 1,
      applicationName: 'millrace-worker-lease',
      onIdleError,
    });
    const { queue, events } = messaging;
    const runtime = createRuntime({
      ...{ pool, leasePool, queue, events, log, ...config.secrets },
      settings: { maxDepth: config.worker.maxDepth },
    });
    const http = createGuardedHttp({ allow: config.outbound.allow });
    const agents = createAgentRunner(config.llm);
    const mcp = createMcpClients({
      servers: config.tools.mcpServers,
      env: process.env,
      version: VERSION,
      log,
    });
    const evaluator = createEvaluator({ processes: 2, timeoutMs: 5_000, maxHeapMb: 256 });
    const code = createCodeRunner({ processes: config.worker.codeProcesses });
    const telemetry = createTelemetry(pool, events, log);
    const metrics = createMetrics('worker');
    const { concurrency } = config.worker;
    const load = { running: (): number => worker.running(), slots: concurrency };
    const worker: WorkerService = createWorker({
      runtime,
      queue,
      events,
      log,
      version: VERSION,
      concurrency,
      drainMs: Math.max(0, drainSeconds * 1_000 - 3_000),
      metrics: createWorkerMetrics(metrics, load),
      run: {
        evaluator,
        telemetry,
        steps: createSteps({ http, agents, code, mcp, agentHttpMethods: config.tools.httpMethods }),
        loops: {
          maxItems: config.worker.mapMaxItems,
          partSize: config.worker.mapPartSize,
          maxIterations: 2_000,
        },
        maxParallelSteps: 32,
        shortWaitMs: 2_000,
        abortGraceMs: 5_000,
      },
    });
    await worker.start();
    const { metricsPort, host } = config.service;
    const metricsServer =
      metricsPort === undefined
        ? undefined
        : createMetricsServer({
            port: metricsPort,
            host,
            registry: metrics.registry,
            health: createHealth({
              version: VERSION,
              components: {
                worker: {
                  required: true,
                  check: () =>
                    Promise.resolve({ status: worker.isLive() ? ('ok' as const) : ('down' as const) }),
                },
              },
            }),
          });
    await metricsServer?.start();
    return {
      async stop() {
        await worker.stop();
        await evaluator.stop();
        await code.stop();
        await telemetry.stop();
        await metricsServer?.stop();
        await messaging.close();
        await http.close();
        await agents.close();
        await mcp.stop();
        await Promise.all([pool.end(), leasePool.end()]);
        metrics.stop();
      },
    };
  },
});

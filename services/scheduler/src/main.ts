import { assertSchema, createPool } from '@millrace/persistence';
import { createRuntime } from '@millrace/runtime';
import {
  connectMessaging,
  createHealth,
  createMetrics,
  createMetricsServer,
  databaseConfig,
  loadConfig,
  redisConfig,
  runService,
  secretsConfig,
  serviceConfig,
  VERSION,
} from '@millrace/service-kit';
import { createSchedulerMetrics } from './metrics.js';
import { createScheduler } from './scheduler.js';

await runService({
  name: 'scheduler',
  async start({ log }) {
    const { database, redis, secrets, service } = loadConfig({
      database: databaseConfig,
      redis: redisConfig,
      secrets: secretsConfig,
      service: serviceConfig,
    });
    await assertSchema(database.url);
    const pool = createPool({
      databaseUrl: database.url,
      role: 'millrace_engine',
      max: database.poolSize,
      applicationName: 'millrace-scheduler',
      onIdleError: (error) => {
        log.debug({ err: error }, 'an idle connection broke');
      },
    });
    const messaging = connectMessaging('scheduler', { database, redis }, log);
    const { queue, events } = messaging;
    const runtime = createRuntime({ pool, queue, events, log, ...secrets });
    const metrics = createMetrics('scheduler');
    const scheduler = createScheduler({
      runtime,
      queue,
      events,
      log,
      metrics: createSchedulerMetrics(metrics, { sweeps: runtime.sweeps, queue }),
    });
    await scheduler.start();
    const health = createHealth({
      version: VERSION,
      components: {
        database: {
          required: true,
          async check() {
            await pool.query('SELECT 1');
            return { status: 'ok' };
          },
        },
        queue: {
          async check() {
            const answer = await queue.health();
            return answer.ok ? { status: 'ok' } : { status: 'down', detail: answer.reason };
          },
        },
      },
    });
    const metricsServer =
      service.metricsPort === undefined
        ? undefined
        : createMetricsServer({
            port: service.metricsPort,
            host: service.host,
            registry: metrics.registry,
            health,
          });
    await metricsServer?.start();
    return {
      async stop() {
        await metricsServer?.stop();
        await scheduler.stop();
        await messaging.close();
        await pool.end();
        metrics.stop();
      },
    };
  },
});

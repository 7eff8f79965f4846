import { createGuardedHttp } from '@millrace/outbound';
import { assertSchema, createPool } from '@millrace/persistence';
import { createRuntime } from '@millrace/runtime';
import {
  callbackConfig,
  connectMessaging,
  createHealth,
  createMetrics,
  createMetricsServer,
  databaseConfig,
  loadConfig,
  outboundConfig,
  redisConfig,
  runService,
  secretsConfig,
  serviceConfig,
  VERSION,
} from '@millrace/service-kit';
import { createCallbackDeliverer } from './callbacks/deliverer.js';
import { createCallbackMetrics } from './callbacks/metrics.js';
import { createSchedulerMetrics } from './metrics.js';
import { createScheduler } from './scheduler.js';

await runService({
  name: 'scheduler',
  async start({ log }) {
    const { callbacks, database, outbound, redis, secrets, service } = loadConfig({
      callbacks: callbackConfig,
      outbound: outboundConfig,
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
    const http = createGuardedHttp({ allow: outbound.allow, userAgent: `millrace/${VERSION}` });
    const deliverer = createCallbackDeliverer({
      ...{ db: pool, http, log, keyring: secrets.keyring },
      retry: { attempts: callbacks.attempts, firstDelaySeconds: callbacks.firstDelaySeconds },
      timeoutMs: callbacks.timeoutMs,
      concurrency: callbacks.concurrency,
      metrics: createCallbackMetrics(metrics),
    });
    await scheduler.start();
    await deliverer.start();
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
        await Promise.all([scheduler.stop(), deliverer.stop()]);
        await http.close();
        await messaging.close();
        await pool.end();
        metrics.stop();
      },
    };
  },
});

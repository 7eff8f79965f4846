import {
  composeLifecycles,
  createMetricsServer,
  httpConfig,
  type Lifecycle,
  loadConfig,
  runService,
  serviceConfig,
} from '@millrace/service-kit';
import { createGateway } from './gateway.js';
import { createHttpServer } from './server.js';

await runService({
  name: 'gateway',
  async start({ log, drainSeconds }) {
    const { http, service } = loadConfig({ http: httpConfig, service: serviceConfig });
    const gateway = createGateway({ log });
    const server = createHttpServer({
      ...{ host: http.host, port: http.port },
      listener: gateway.app,
      onDrain: gateway.drain,
      // A part of the deadline is kept for closing the stores.
      drainMs: Math.max(0, drainSeconds * 1_000 - 2_000),
    });
    const parts: Lifecycle[] = [gateway, server];
    if (service.metricsPort !== undefined) {
      const { registry } = gateway.metrics;
      const { host, metricsPort: port } = service;
      parts.push(createMetricsServer({ host, port, registry, health: gateway.health }));
    }
    const all = composeLifecycles(...parts);
    await all.start();
    log.info({ host: http.host, port: http.port }, 'listening');
    return all;
  },
});

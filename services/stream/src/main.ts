import {
  composeLifecycles,
  createMetricsServer,
  httpConfig,
  loadConfig,
  runService,
  serviceConfig,
} from '@millrace/service-kit';
import { createStreamServer } from './server.js';
import { DEFAULT_STREAM_SETTINGS } from './settings.js';
import { createStream } from './stream.js';

await runService({
  name: 'stream',
  async start({ log, drainSeconds }) {
    const { http, service } = loadConfig({ http: httpConfig, service: serviceConfig });
    // A part of the deadline is kept for closing the stores.
    const stopMs = Math.min(DEFAULT_STREAM_SETTINGS.stopMs, drainSeconds * 500);
    const stream = createStream({ log, settings: { stopMs } });
    const server = createStreamServer({ host: http.host, port: http.port, stream });
    const { host, metricsPort: port } = service;
    const { health, metrics } = stream;
    const extra =
      port === undefined ? [] : [createMetricsServer({ host, port, registry: metrics.registry, health })];
    // The sockets go first: open ones keep a server from closing.
    const all = composeLifecycles(server, ...extra, stream);
    await all.start();
    log.info({ host: http.host, port: http.port }, 'listening');
    return all;
  },
});

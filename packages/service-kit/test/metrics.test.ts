import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import {
  close,
  createHealth,
  createMetrics,
  createMetricsServer,
  listen,
  type Metrics,
  type MetricsServer,
} from '@millrace/service-kit';
import { expect } from 'chai';
import { passesLifecycleStress } from '../../../test/support/lifecycle.js';

describe('createMetrics', () => {
  let metrics: Metrics;

  beforeEach(() => {
    metrics = createMetrics('worker');
  });

  afterEach(() => {
    metrics.stop();
  });

  it('labels every metric with the service', async () => {
    metrics
      .counter('millrace_claims_total', { help: 'Claims.', labels: ['outcome'] })
      .inc({ outcome: 'taken' });
    const text = await metrics.registry.metrics();
    expect(text).to.match(/^millrace_claims_total\{outcome="taken",service="worker"\} 1$/m);
  });

  it('asks a gauge for its value at every scrape', async () => {
    let depth = 3;
    metrics.gauge('millrace_queue_waiting', { help: 'Hints.', collect: (gauge) => gauge.set(depth) });
    const before = await metrics.registry.metrics();
    depth = 4;
    const after = await metrics.registry.metrics();
    expect(before).to.contain('millrace_queue_waiting{service="worker"} 3');
    expect(after).to.contain('millrace_queue_waiting{service="worker"} 4');
  });

  it('counts durations into buckets of seconds', async () => {
    metrics.histogram('millrace_append_duration_seconds', { help: 'Appends.' }).observe(0.004);
    const text = await metrics.registry.metrics();
    expect(text).to.contain('millrace_append_duration_seconds_bucket{le="0.0025",service="worker"} 0');
    expect(text).to.contain('millrace_append_duration_seconds_bucket{le="0.005",service="worker"} 1');
  });

  it('has the common metrics of a process', async () => {
    const names = metrics.registry.getMetricsAsArray().map(({ name }) => name);
    expect(names).to.include.members([
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_gc_duration_seconds',
      'nodejs_version_info',
    ]);
    const text = await metrics.registry.metrics();
    expect(text).to.match(/^process_resident_memory_bytes\{service="worker"\} \d{7,}/m);
  });

  it('stops twice', () => {
    metrics.stop();
    expect(() => {
      metrics.stop();
    }).not.to.throw();
  });
});

describe('close', () => {
  it('cuts off a client that connected and never asked anything', async () => {
    const server = createServer();
    await listen(server, 0, '127.0.0.1');
    const address = server.address();
    const client = connect({
      host: '127.0.0.1',
      port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    });
    client.on('error', () => undefined);
    await once(server, 'connection');
    await close(server, 1);
    expect(server.listening).to.equal(false);
    client.destroy();
  });

  it('tolerates a server that never listened', async () => {
    await close(createServer());
  });
});

describe('createMetricsServer', () => {
  let ready = true;
  const metrics = createMetrics('scheduler');
  const check = () => Promise.resolve({ status: ready ? 'ok' : 'down' } as const);
  const health = createHealth({
    version: '1',
    components: { database: { check, required: true } },
    cacheMs: 0,
  });
  const create = (): MetricsServer =>
    createMetricsServer({ port: 0, host: '127.0.0.1', registry: metrics.registry, health });

  after(() => {
    metrics.stop();
  });

  passesLifecycleStress(() => {
    const server = create();
    return { lifecycle: server, isRunning: () => server.port() !== undefined };
  });

  describe('answers', () => {
    let server: MetricsServer;
    const get = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${server.port() ?? 0}${path}`, { method });

    beforeEach(async () => {
      ready = true;
      server = create();
      await server.start();
    });

    afterEach(() => server.stop());

    it('/metrics in the format of Prometheus', async () => {
      const response = await get('/metrics');
      expect(response.headers.get('content-type')).to.contain('text/plain; version=0.0.4');
      expect(await response.text()).to.contain('nodejs_version_info');
    });

    it('/health/ready with 200, and 503 when the database is away', async () => {
      const before = await get('/health/ready');
      ready = false;
      const after = await get('/health');
      expect([before.status, after.status]).to.deep.equal([200, 503]);
      expect(await after.json()).to.deep.include({
        status: 'down',
        components: { database: { status: 'down' } },
      });
    });

    it('/health/live even then', async () => {
      ready = false;
      expect((await get('/health/live/')).status).to.equal(200);
    });

    it('anything else with 404 and 405', async () => {
      expect((await get('/secret')).status).to.equal(404);
      expect((await get('/metrics', 'POST')).status).to.equal(405);
    });
  });
});

/**
 * What prom-client calls default metrics, under the same names so that common dashboards fit. Its own collection cannot
 * be stopped: it leaves a running event loop monitor and a garbage collection observer behind for each registry.
 */
import { readdirSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const NANOSECONDS = 1e9;
const EVENT_LOOP_RESOLUTION_MS = 10;

export interface ProcessMetrics {
  stop(): void;
}

export function startProcessMetrics(registry: Registry): ProcessMetrics {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('process_start_time_seconds', 'Start of the process since the epoch.', startTimeSeconds);
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_total_bytes', 'Size of the heap.', () => process.memoryUsage().heapTotal);
  gauge('nodejs_heap_size_used_bytes', 'Used part of the heap.', () => process.memoryUsage().heapUsed);
  gauge('nodejs_external_memory_bytes', 'Memory outside the heap.', () => process.memoryUsage().external);
  if (openFiles() !== undefined) {
    gauge('process_open_fds', 'Open file descriptors.', () => openFiles() ?? 0);
  }
  collectCpu(registry);
  collectResources(registry);
  const stopEventLoop = observeEventLoop(gauge);
  const stopCollections = observeGarbageCollection(registry);
  return {
    stop() {
      stopEventLoop();
      stopCollections();
    },
  };
}

function collectCpu(registry: Registry): void {
  const cpu = (name: string, help: string, read: (usage: NodeJS.CpuUsage) => number): Counter =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read(process.cpuUsage()) / 1e6);
      },
    });
  cpu('process_cpu_user_seconds_total', 'User CPU time.', ({ user }) => user);
  cpu('process_cpu_system_seconds_total', 'System CPU time.', ({ system }) => system);
  cpu('process_cpu_seconds_total', 'User and system CPU time.', ({ user, system }) => user + system);
}

function collectResources(registry: Registry): void {
  new Gauge({
    name: 'nodejs_active_resources',
    help: 'What keeps the event loop alive, by type.',
    labelNames: ['type'],
    registers: [registry],
    collect() {
      this.reset();
      for (const type of process.getActiveResourcesInfo()) this.inc({ type });
    },
  });
  const version = process.version;
  new Gauge({
    name: 'nodejs_version_info',
    help: 'Version of Node.js.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
}

function observeEventLoop(gauge: (name: string, help: string, read: () => number) => Gauge): () => void {
  const delays = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  delays.enable();
  const seconds = (read: () => number) => () => (delays.count === 0 ? 0 : read() / NANOSECONDS);
  gauge(
    'nodejs_eventloop_lag_mean_seconds',
    'Mean event loop delay.',
    seconds(() => delays.mean),
  );
  gauge(
    'nodejs_eventloop_lag_p50_seconds',
    'Median event loop delay.',
    seconds(() => delays.percentile(50)),
  );
  gauge(
    'nodejs_eventloop_lag_p99_seconds',
    '99th percentile of it.',
    seconds(() => delays.percentile(99)),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'Largest event loop delay since the last scrape.', () => {
    const largest = seconds(() => delays.max)();
    // Last of the gauges to be read: the next scrape sees its own interval.
    delays.reset();
    return largest;
  });
  return () => {
    delays.disable();
  };
}

const COLLECTION_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

function observeGarbageCollection(registry: Registry): () => void {
  const durations = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collections by kind.',
    labelNames: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
    registers: [registry],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      durations.observe({ kind: kindOf(entry) }, entry.duration / 1_000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
  };
}

function kindOf(entry: object): string {
  const detail: unknown = Reflect.get(entry, 'detail');
  if (typeof detail !== 'object' || detail === null || !('kind' in detail)) return 'unknown';
  return (typeof detail.kind === 'number' ? COLLECTION_KINDS[detail.kind] : undefined) ?? 'unknown';
}

function startTimeSeconds(): number {
  return Math.round(performance.timeOrigin / 1_000);
}

/** Linux only. */
function openFiles(): number | undefined {
  try {
    // Reading the folder opens one more, which is closed again by now.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

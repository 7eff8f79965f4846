import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { startProcessMetrics } from './process-metrics.js';

/** Counts of things end in `_total`; of amounts in the unit and `_total`. */
export type CounterName = `millrace_${string}_total`;
/** The base unit is part of the name: seconds, bytes, or what is counted. */
export type HistogramName = `millrace_${string}_${'seconds' | 'bytes' | 'count' | 'size' | 'ratio'}`;
export type GaugeName = `millrace_${string}`;

export interface MetricOptions<L extends string> {
  /** A sentence; `# HELP` of the metric. */
  help: string;
  /** Keep them few and bounded: never an id. */
  labels?: readonly L[];
}

export interface GaugeOptions<L extends string> extends MetricOptions<L> {
  /** Sets the value when Prometheus asks; has to be quick and must not throw. */
  collect?: (gauge: Gauge<L>) => void | Promise<void>;
}

export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = never>(name: CounterName, options: MetricOptions<L>): Counter<L>;
  gauge<L extends string = never>(name: GaugeName, options: GaugeOptions<L>): Gauge<L>;
  /** Default buckets: 1 ms to 60 s. Name other ones for anything but durations. */
  histogram<L extends string = never>(
    name: HistogramName,
    options: MetricOptions<L> & { buckets?: readonly number[] },
  ): Histogram<L>;
  /** Lets go of the event loop and garbage collection observers. May be called twice. */
  stop(): void;
}

/** In seconds. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** A registry of its own per service, every metric labelled with it, with the metrics of the process in it. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const processMetrics = startProcessMetrics(registry);
  const common = <L extends string>(name: string, { help, labels = [] }: MetricOptions<L>) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry],
  });
  return {
    registry,
    counter: (name, options) => new Counter(common(name, options)),
    gauge: <L extends string>(name: GaugeName, options: GaugeOptions<L>) => {
      const { collect } = options;
      const gauge: Gauge<L> = new Gauge({
        ...common(name, options),
        ...(collect && { collect: (): void | Promise<void> => collect(gauge) }),
      });
      return gauge;
    },
    histogram: (name, options) =>
      new Histogram({ ...common(name, options), buckets: [...(options.buckets ?? DURATION_BUCKETS)] }),
    stop: () => {
      processMetrics.stop();
    },
  };
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers GET /metrics; fits node:http and, as a handler, express. */
export function metricsHandler(registry: Registry): HttpHandler {
  return async (_request, response) => {
    try {
      const text = await registry.metrics();
      response
        .writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' })
        .end(text);
    } catch {
      response.writeHead(500, { 'content-type': 'text/plain' }).end('The metrics could not be collected.\n');
    }
  };
}

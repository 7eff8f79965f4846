import type { Metrics } from '@millrace/service-kit';
import type { RequestHandler } from 'express';
import { factsOf } from './locals.js';

/** Counts and times requests by the route of the contract, so that ids and made-up addresses add no label. */
export function measureRequests(metrics: Metrics): RequestHandler {
  const durations = metrics.histogram('millrace_http_request_duration_seconds', {
    help: 'Time from the first byte of the request to the last of the answer.',
    labels: ['method', 'route', 'status'],
  });
  const inFlight = metrics.gauge('millrace_http_requests_in_flight', {
    help: 'Requests that are being answered.',
  });
  return (request, response, next) => {
    const began = performance.now();
    inFlight.inc();
    response.once('close', () => {
      inFlight.dec();
      const { route = 'unknown' } = factsOf(response);
      durations.observe(
        { method: knownMethod(request.method), route, status: String(response.statusCode) },
        (performance.now() - began) / 1_000,
      );
    });
    next();
  };
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

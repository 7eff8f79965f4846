import type { Logger } from '@millrace/service-kit';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import { factsOf } from './locals.js';

/**
 * One line per answered request: what succeeded at debug (the metrics count it, and at thousands a second the lines
 * would cost more than the answers), refusals at info, failures of ours at warn. Of the request it tells method, route and the path without its query: headers, bodies
 * and queries may hold secrets and are never logged.
 */
export function accessLog(log: Logger): RequestHandler {
  const logRequest = pinoHttp({
    logger: log,
    genReqId: (_request, response) => factsOf(response).requestId,
    quietReqLogger: true,
    quietResLogger: true,
    serializers: { req: () => undefined },
    customAttributeKeys: { reqId: 'request_id' },
    customLogLevel: (_request, response, error) => levelOf(response, error),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customSuccessObject: describe,
    customErrorObject: (request, response, _error, value) => describe(request, response, value),
  });
  return (request, response, next) => {
    logRequest(request, response);
    next();
  };
}

function levelOf(response: ServerResponse, error: Error | undefined): 'debug' | 'info' | 'warn' {
  if (error !== undefined || response.statusCode >= 500) return 'warn';
  return response.statusCode >= 400 ? 'info' : 'debug';
}

function describe(request: IncomingMessage, response: ServerResponse, value: unknown): object {
  const { route, principal } = factsOf(response);
  return {
    method: request.method,
    // The last part of a webhook's address may be all that protects it.
    path: route?.startsWith('/hooks/') === true ? route : pathOf(request),
    route: route ?? null,
    status: response.statusCode,
    duration_ms: durationOf(value),
    ...(principal && { username: principal.username }),
    ...(!response.writableFinished && { aborted: true }),
  };
}

function pathOf(request: IncomingMessage): string {
  const url: unknown = 'originalUrl' in request ? request.originalUrl : request.url;
  return typeof url === 'string' ? (url.split('?', 1)[0] ?? '').slice(0, 300) : '';
}

function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('responseTime' in value)) return undefined;
  return typeof value.responseTime === 'number' ? value.responseTime : undefined;
}

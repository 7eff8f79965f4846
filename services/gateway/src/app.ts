import { API_BASE, API_ROUTES, type OperationId, type RouteContract } from '@millrace/contracts';
import type { Health } from '@millrace/service-kit';
import express, { type Express, type RequestHandler, Router } from 'express';
import { consoleRoutes } from './console/routes.js';
import type { GatewayContext } from './context.js';
import { staticPages } from './docs/routes.js';
import { createHandlers } from './handlers.js';
import type { Component } from './health/components.js';
import { accessLog } from './http/access-log.js';
import { createGate } from './http/authentication.js';
import { registerEndpoints } from './http/dispatch.js';
import { measureRequests } from './http/measure.js';
import { endpointsOf } from './http/paths.js';
import { problemAnswers, unknownAddress } from './http/problems.js';
import { requestId } from './http/request-id.js';
import type { Handler, Handlers } from './http/route.js';
import { crossOrigin, securityHeaders } from './http/security.js';

export interface AppOptions {
  jwtSecret: string;
  corsOrigins: readonly string[];
  trustProxy: false | number | string[];
  /** Of the built console; without it the root of the address is a plain page. */
  consoleFolder: string | undefined;
}

const EXACT = { caseSensitive: true } as const;

/** The express application: everything but listening. */
export function createApp(context: GatewayContext, health: Health<Component>, options: AppOptions): Express {
  const { log, metrics, authenticator, inFlight } = context;
  const app = express();
  app.disable('x-powered-by');
  // Revisions are the only entity tags: hashing every answer would cost more than it saves.
  app.disable('etag');
  // Ids tell capitals apart, so addresses do.
  app.enable('case sensitive routing');
  app.set('trust proxy', options.trustProxy);

  app.use(inFlight.middleware, requestId(), accessLog(log), measureRequests(metrics), securityHeaders());
  app.use(crossOrigin(options.corsOrigins), closeWhenDraining(context));
  app.use(notCached());

  const gate = createGate(authenticator, options.jwtSecret);
  const routes = routesOf(createHandlers(context, health));
  const api = Router(EXACT);
  registerEndpoints(api, endpointsOf(routes), gate, log);
  app.use(API_BASE, api);
  const root = Router(EXACT);
  registerEndpoints(
    root,
    endpointsOf(routes.filter(({ contract }) => contract.alsoAtRoot === true)),
    gate,
    log,
  );
  app.use(root);

  if (options.consoleFolder !== undefined) app.use(consoleRoutes(options.consoleFolder));
  app.use(staticPages());
  app.use(unknownAddress());
  app.use(problemAnswers(log));
  return app;
}

interface Route {
  readonly contract: RouteContract;
  readonly handler: Handler<RouteContract>;
}

function routesOf(handlers: Handlers): Route[] {
  const names = Object.keys(API_ROUTES).filter((name): name is OperationId => name in handlers);
  // Each handler was checked against its own contract above; the dispatcher checks every request against the same one.
  return names.map((name) => ({
    contract: API_ROUTES[name],
    handler: handlers[name] as Handler<RouteContract>,
  }));
}

/** Answers are about someone's data at one moment. Routes that know better say so themselves. */
function notCached(): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
}

/** While the process drains, clients are told to open their next connection somewhere else. */
function closeWhenDraining({ draining }: GatewayContext): RequestHandler {
  return (_request, response, next) => {
    if (draining.signal.aborted) response.setHeader('Connection', 'close');
    next();
  };
}

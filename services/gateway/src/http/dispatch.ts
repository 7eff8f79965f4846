import { type HttpMethod, pathParameters, type RouteContract } from '@millrace/contracts';
import { type Logger, methodNotAllowed, parseRequest } from '@millrace/service-kit';
import type { Request, RequestHandler, Response, Router } from 'express';
import type { Gate } from './authentication.js';
import { bodyOf, bodyReader } from './body.js';
import { hasRevision } from './etag.js';
import { factsOf } from './locals.js';
import { allowedMethods, type Endpoint, toExpressPath } from './paths.js';
import type { Call, Handler, Reply } from './route.js';

type AnyHandler = Handler<RouteContract>;

/**
 * Registers every address in the order of the checks: who is asking (401), their scope (403), the request (422), and
 * then the handler, which looks for the thing (404) and its owner (403). Other methods are answered 405.
 */
export function registerEndpoints(
  router: Router,
  endpoints: readonly Endpoint<AnyHandler>[],
  gate: Gate,
  log: Logger,
): void {
  for (const { path, operations } of endpoints) {
    const route = router.route(toExpressPath(path));
    for (const [method, { contract, handler }] of operations) {
      route[method](
        noteRoute(path),
        gate.admit(contract.access),
        ...readers(contract),
        run(contract, handler, log),
      );
    }
    route.all(noteRoute(path), otherMethods(operations.keys()));
  }
}

function readers(contract: RouteContract): RequestHandler[] {
  return contract.body ? [bodyReader(contract.body)] : [];
}

function noteRoute(path: string): RequestHandler {
  return (_request, response, next) => {
    factsOf(response).route = path;
    next();
  };
}

function otherMethods(methods: Iterable<HttpMethod>): RequestHandler {
  const allowed = allowedMethods(methods);
  return (request, response) => {
    if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, allowed);
    response.setHeader('Allow', allowed.join(', '));
    response.status(204).end();
  };
}

function run(contract: RouteContract, handler: AnyHandler, log: Logger): RequestHandler {
  const names = pathParameters(contract.paths[0]);
  return async (request, response) => {
    const reply = await handler(check(contract, names, request, response, log));
    await send(reply, request, response);
  };
}

function check(
  contract: RouteContract,
  names: readonly string[],
  request: Request,
  response: Response,
  log: Logger,
): Call<RouteContract> {
  const { principal, requestId } = factsOf(response);
  const params: Record<string, string> = {};
  for (const name of names) {
    const value = request.params[name];
    params[name] = typeof value === 'string' ? value : '';
  }
  const call = {
    params,
    query: contract.query && parseRequest('query', contract.query, request.query),
    headers:
      contract.headers &&
      parseRequest('header', contract.headers, namedHeaders(contract.headers.shape, request)),
    body: contract.body && parseRequest('body', contract.body.schema, bodyOf(request, contract.body)),
    caller: principal,
    requestId,
    log,
    request,
  };
  // The parts were checked by the very schemas their types come from; the general contract hides which ones.
  return call as Call<RouteContract>;
}

function namedHeaders(shape: object, request: Request): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, request.get(name)]));
}

async function send(reply: Reply<RouteContract>, request: Request, response: Response): Promise<void> {
  if ('stream' in reply) {
    await reply.stream(response);
    return;
  }
  response.status(reply.status).set(reply.headers ?? {});
  if (request.method === 'GET' && hasRevision(request.get('if-none-match'), reply.headers?.['ETag'])) {
    response.status(304).end();
    return;
  }
  if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

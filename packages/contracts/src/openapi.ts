import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { API_ERRORS, type ApiErrorCode, problem } from './errors.js';
import { pathParameters, scopeOf, type ResponseContract, type RouteContract } from './openapi-route.js';
import { ACCOUNT_ROUTES } from './openapi-routes-accounts.js';
import { CONTROL_ROUTES } from './openapi-routes-control.js';
import { EXECUTION_ROUTES } from './openapi-routes-executions.js';
import { PLATFORM_ROUTES } from './openapi-routes-platform.js';
import { CALLBACK_ROUTES } from './openapi-routes-callbacks.js';
import { WEBHOOK_ROUTES } from './openapi-routes-webhooks.js';
import { SECRET_ROUTES } from './openapi-routes-secrets.js';
import { VERSION_ROUTES } from './openapi-routes-versions.js';
import { WAIT_ROUTES } from './openapi-routes-waits.js';
import { WORKFLOW_ROUTES } from './openapi-routes-workflows.js';
import { SCOPES } from './scopes.js';

export const API_BASE = '/api/v1';

/** Every operation of the HTTP API. The gateway has exactly one handler for each of these names. */
export const API_ROUTES = {
  ...ACCOUNT_ROUTES,
  ...WORKFLOW_ROUTES,
  ...VERSION_ROUTES,
  ...EXECUTION_ROUTES,
  ...CONTROL_ROUTES,
  ...WAIT_ROUTES,
  ...WEBHOOK_ROUTES,
  ...CALLBACK_ROUTES,
  ...SECRET_ROUTES,
  ...PLATFORM_ROUTES,
} as const satisfies Record<string, RouteContract>;
export type ApiRoutes = typeof API_ROUTES;
export type OperationId = keyof ApiRoutes;

/** The operations as the general interface, for walking through them. */
export function apiRoutes(): [name: string, route: RouteContract][] {
  return Object.entries(API_ROUTES);
}

/** Every error code an operation can answer with. */
export function errorsOf(route: RouteContract): ApiErrorCode[] {
  const codes = new Set<ApiErrorCode>(route.errors);
  if (route.access !== 'anonymous') codes.add('unauthenticated').add('forbidden');
  if (scopeOf(route.access) !== undefined) codes.add('insufficient_scope');
  if (route.query ?? route.headers ?? route.body) codes.add('validation_failed');
  if (route.body) codes.add('malformed_json').add('body_too_large').add('unsupported_media_type');
  return [...codes.add('internal').add('unavailable')];
}

/** The OpenAPI 3.1 document of the whole API, made from the schemas that check the requests. */
export function createOpenApiDocument(options: { version: string }): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of apiRoutes()) {
    route.paths.forEach((path, index) => {
      const item: ZodOpenApiPathItemObject = paths[path] ?? {};
      item[route.method] = operation(index === 0 ? name : `${name}${index + 1}`, route, path);
      paths[path] = item;
    });
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Millrace',
      version: options.version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: API_BASE }],
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: SECURITY_SCHEMES },
  });
}

function operation(operationId: string, route: RouteContract, path: string): ZodOpenApiOperationObject {
  const scope = scopeOf(route.access);
  const notes = [
    route.description,
    scope && `Requires the scope \`${scope}\`.`,
    route.access === 'session' && 'API keys cannot: it needs an access token.',
  ].filter(Boolean);
  const requestParams = parameters(route, path);
  return {
    operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(notes.length > 0 ? { description: notes.join('\n\n') } : {}),
    ...(requestParams ? { requestParams } : {}),
    ...(route.body ? { requestBody: requestBody(route.body) } : {}),
    responses: { ...responses(route), ...problems(route) },
    security: route.access === 'anonymous' ? [] : [{ bearer: [] }, { oauth2: scope ? [scope] : [] }],
  };
}

function parameters(route: RouteContract, path: string): ZodOpenApiParameters | undefined {
  const names = pathParameters(path);
  const found: ZodOpenApiParameters = {};
  if (names.length > 0) found.path = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  if (route.query) found.query = route.query;
  if (route.headers) found.header = route.headers;
  return Object.keys(found).length > 0 ? found : undefined;
}

function requestBody(
  body: NonNullable<RouteContract['body']>,
): NonNullable<ZodOpenApiOperationObject['requestBody']> {
  const contentType = body.encoding === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  return {
    required: body.optional !== true,
    content: {
      [contentType]: {
        schema: body.schema,
        ...(body.example === undefined ? {} : { example: body.example }),
      },
    },
  };
}

function responses(route: RouteContract): Record<`${1 | 2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject> {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => [status, success(response)]),
  );
}

function success(response: ResponseContract): ZodOpenApiResponseObject {
  const { description, schema, contentType = 'application/json', alternatives = {}, headers } = response;
  const content = Object.entries({ ...(schema ? { [contentType]: schema } : {}), ...alternatives });
  return {
    description,
    ...(content.length > 0
      ? { content: Object.fromEntries(content.map(([type, shape]) => [type, { schema: shape }])) }
      : {}),
    ...(headers
      ? {
          headers: Object.fromEntries(
            Object.entries(headers).map(([header, text]) => [
              header,
              { description: text, schema: { type: 'string' } },
            ]),
          ),
        }
      : {}),
  };
}

/** One entry per status; a status that two errors share names both. A success of the same status wins. */
function problems(route: RouteContract): Record<`${4 | 5}${string}`, ZodOpenApiResponseObject> {
  const byStatus = new Map<number, ApiErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = API_ERRORS[code];
    if (!(status in route.responses)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => API_ERRORS[code].title).join(', or '),
        content: { 'application/problem+json': { schema: problem, example: exampleProblem(codes[0]) } },
      },
    ]),
  );
}

function exampleProblem(code: ApiErrorCode = 'internal'): z.infer<typeof problem> {
  const { title, status } = API_ERRORS[code];
  return { type: problemType(code), title, status, detail: `${title}.`, request_id: '0f8b3a52d1c64e0c' };
}

/** The `type` of a problem, relative to the address: stable, and its last segment is the code. */
export function problemType(code: ApiErrorCode): string {
  return `/errors/${code}`;
}

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token (30 minutes) or an API key (`mr_…`).',
  },
  oauth2: {
    type: 'oauth2',
    flows: {
      password: {
        tokenUrl: `${API_BASE}/auth/login`,
        refreshUrl: `${API_BASE}/auth/refresh`,
        scopes: Object.fromEntries(SCOPES.map((scope) => [scope, scope])),
      },
    },
  },
} as const;

const DESCRIPTION = `Durable distributed workflows: submit a graph of steps, follow every one of them live.

Errors are \`application/problem+json\` (RFC 9457). Checks happen in the order 401, 403 (scope), 422, 404, 403 (ownership).

Live streams: \`WS ${API_BASE}/ws/executions/{workflow_id or execution_id}\` with the \`Authorization\` header, the
subprotocols \`bearer, <token>\`, or \`?ticket=\` from \`POST /ws/tickets\`; the same events as \`GET /executions/{execution_id}/events\`.`;

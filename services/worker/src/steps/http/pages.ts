import {
  type ExecutionError,
  type HttpPagination,
  type HttpRequestConfiguration,
  isJsonObject,
  type JsonValue,
} from '@millrace/contracts';
import { compileJsonata, type Evaluated } from '@millrace/engine';
import type { GuardedHttp, HttpRequestSpec, HttpResponse } from '@millrace/outbound';
import { continuationOf, firstPage, pageAfter, type PageRequest } from './next-page.js';
import { isExpected, statusError } from './status.js';
import { stepFailed, type StepContext, type StepOutcome } from '../types.js';

type Paged = HttpRequestConfiguration & { readonly pagination: HttpPagination };

/** Thrown through the loop and turned into an outcome at its top. */
class PageFailure extends Error {
  constructor(readonly error: ExecutionError) {
    super(error.message);
  }
}

/** Asks for page after page; the output's body is the list of all items. */
export async function requestPages(
  http: GuardedHttp,
  first: HttpRequestSpec,
  config: Paged,
  context: StepContext,
): Promise<StepOutcome> {
  try {
    return { ok: true, output: await collect(http, first, config, context) };
  } catch (error) {
    if (error instanceof PageFailure) return stepFailed(error.error);
    throw error;
  }
}

async function collect(
  http: GuardedHttp,
  first: HttpRequestSpec,
  config: Paged,
  context: StepContext,
): Promise<JsonValue> {
  const { pagination, max_bytes } = config;
  const { origin } = URL.canParse(first.url) ? new URL(first.url) : { origin: '' };
  const body: JsonValue[] = [];
  const seen = new Set<string>();
  let asked: PageRequest = firstPage(pagination);
  let bytesLeft = max_bytes;
  for (let number = 1; ; number += 1) {
    seen.add(JSON.stringify(asked));
    const spec = { ...specOf(first, asked, number), maxBytes: bytesLeft };
    const response = await requestPage(http, spec, number, config, context);
    bytesLeft = Math.max(1, bytesLeft - response.bytes);
    const items = await itemsOf(pagination, response, number, context);
    for (const item of items) body.push(item);
    const output = {
      status: response.status,
      headers: response.headers,
      body,
      url: response.url,
      pages: number,
    };
    if (items.length === 0) return { ...output, complete: true };

    const expression = continuationOf(pagination);
    const continuation =
      expression === undefined ? null : await evaluate(expression, response, number, context);
    const page = { response, number, itemsSoFar: body.length, continuation };
    const next = pageAfter(pagination, page, origin);
    if (!next.ok) throw failure('pagination_failed', `Page ${String(number)}: ${next.message}`);
    if (next.request === null) return { ...output, complete: true };
    if (seen.has(JSON.stringify(next.request))) {
      context.log('warn', `Page ${String(number)} leads back to a page that was read already; stopped there`);
      return { ...output, complete: true };
    }
    if (number >= pagination.max_pages) {
      context.log('warn', `Stopped after ${String(number)} pages (max_pages); there are more`);
      return { ...output, complete: false };
    }
    asked = next.request;
  }
}

function specOf(first: HttpRequestSpec, asked: PageRequest, number: number): HttpRequestSpec {
  const { url, query, bodyField } = asked;
  const spec: HttpRequestSpec = {
    ...first,
    // A server that knows the key would answer with the first page again.
    idempotencyKey:
      number === 1 ? first.idempotencyKey : `${first.idempotencyKey ?? ''}/page/${String(number)}`,
  };
  if (url !== undefined) return { ...spec, url, query: undefined };
  if (query !== undefined) return { ...spec, query: { ...first.query, ...query } };
  if (bodyField === undefined) return spec;
  return { ...spec, body: withMember(first.body, bodyField.path, bodyField.value) };
}

/** A copy of an object with one member set, however deep; what is in its way gives way. */
function withMember(body: JsonValue | undefined, path: readonly string[], value: JsonValue): JsonValue {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const members = isJsonObject(body) ? body : {};
  return { ...members, [name]: withMember(members[name], rest, value) };
}

async function requestPage(
  http: GuardedHttp,
  spec: HttpRequestSpec,
  number: number,
  { max_bytes, expected_status }: Paged,
  { secrets }: StepContext,
): Promise<HttpResponse> {
  const outcome = await http.request(spec);
  if (outcome.ok) {
    const { response } = outcome;
    if (isExpected(response.status, expected_status)) return response;
    throw new PageFailure(onPage(number, statusError(response, expected_status, secrets)));
  }
  if (outcome.error.code === 'response_too_large' && number > 1) {
    const message = `${String(number)} pages together are larger than max_bytes (${String(max_bytes)})`;
    throw new PageFailure({ ...outcome.error, message });
  }
  throw new PageFailure(onPage(number, outcome.error));
}

function onPage(number: number, error: ExecutionError): ExecutionError {
  const details = { ...error.details, page: number };
  return { ...error, message: `Page ${String(number)}: ${error.message}`, details };
}

function failure(code: string, message: string): PageFailure {
  return new PageFailure({ code, message, fault: 'workflow', retryable: false });
}

/** A list, where JSONata has turned a list of one item into that item. */
async function itemsOf(
  { items }: HttpPagination,
  response: HttpResponse,
  number: number,
  context: StepContext,
): Promise<readonly JsonValue[]> {
  if (items === undefined) {
    if (Array.isArray(response.body)) return response.body;
    if (response.body === null) return [];
    const advice = 'say in pagination.items where the items are, as in body.data';
    throw failure('pagination_failed', `Page ${String(number)}: the body is no list; ${advice}`);
  }
  const value = await evaluate(items, response, number, context);
  if (Array.isArray(value)) return value;
  return value === null ? [] : [value];
}

/** The expressions of a page see it, the parameters, and the steps that they name. */
async function evaluate(
  expression: string,
  { status, headers, body, url }: HttpResponse,
  number: number,
  context: StepContext,
): Promise<JsonValue> {
  const { parameters, execution, steps } = context.scope;
  const compiled = compileJsonata(expression);
  const namesSteps = compiled.ok && compiled.value.stepReferences.length > 0;
  const scope = {
    parameters,
    execution,
    ...(namesSteps && { steps }),
    status,
    headers,
    body,
    url,
    page: number,
  };
  const evaluated: Evaluated = await context.evaluate(expression, scope);
  if (evaluated.ok) return evaluated.value;
  throw new PageFailure(onPage(number, evaluated.error));
}

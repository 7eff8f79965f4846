import type { HttpPagination, JsonValue } from '@millrace/contracts';
import type { HttpResponse } from '@millrace/outbound';
import { nextLink } from './link-header.js';

/** What one page asks for beyond the request of the configuration. */
export interface PageRequest {
  /** In place of `url` and `query`. */
  readonly url?: string;
  readonly query?: { readonly [name: string]: string | number };
  readonly bodyField?: { readonly path: readonly string[]; readonly value: JsonValue };
}

/** How the next page follows from one: null after the last, or what is wrong with it. */
export type NextPage =
  | { readonly ok: true; readonly request: PageRequest | null }
  | { readonly ok: false; readonly message: string };

const LAST: NextPage = { ok: true, request: null };

/** Only counting kinds change the first request. */
export function firstPage(pagination: HttpPagination): PageRequest {
  const counts = pagination.type === 'page' || pagination.type === 'offset';
  return counts ? { query: { [pagination.parameter]: pagination.start } } : {};
}

/** The expression that says how to go on, for the kinds that have one. */
export function continuationOf(pagination: HttpPagination): string | undefined {
  if (pagination.type === 'cursor') return pagination.cursor;
  return pagination.type === 'next_url' ? pagination.url : undefined;
}

export interface FinishedPage {
  readonly response: HttpResponse;
  /** From 1. */
  readonly number: number;
  /** Items of this page and of all before it. */
  readonly itemsSoFar: number;
  /** What {@link continuationOf} yielded for it. */
  readonly continuation: JsonValue;
}

/** The page after this one. `origin` is that of the configured URL, which the credentials are for. */
export function pageAfter(pagination: HttpPagination, page: FinishedPage, origin: string): NextPage {
  switch (pagination.type) {
    case 'link_header': {
      const { link } = page.response.headers;
      return pageAt(typeof link === 'string' ? nextLink(link) : undefined, page, origin);
    }
    case 'next_url':
      return pageAt(page.continuation, page, origin);
    case 'cursor':
      return pageWithCursor(pagination, page.continuation);
    case 'page':
      return counted(pagination.parameter, pagination.start + page.number);
    case 'offset':
      return counted(pagination.parameter, pagination.start + page.itemsSoFar);
  }
}

function counted(parameter: string, value: number): NextPage {
  return { ok: true, request: { query: { [parameter]: value } } };
}

function isNothing(value: JsonValue | undefined): value is null | undefined | false | '' {
  return value === undefined || value === null || value === false || value === '';
}

function pageAt(target: JsonValue | undefined, { response }: FinishedPage, origin: string): NextPage {
  if (isNothing(target)) return LAST;
  if (typeof target !== 'string' || !URL.canParse(target, response.url)) {
    return { ok: false, message: 'the address of the next page is no URL' };
  }
  const url = new URL(target, response.url);
  if (url.origin !== origin) {
    return {
      ok: false,
      message: `the next page is at ${url.origin}, and the credentials of the request are for ${origin} only`,
    };
  }
  return { ok: true, request: { url: url.href } };
}

function pageWithCursor(
  { parameter, body_field }: Extract<HttpPagination, { type: 'cursor' }>,
  cursor: JsonValue,
): NextPage {
  if (isNothing(cursor)) return LAST;
  if (body_field !== undefined) {
    return { ok: true, request: { bodyField: { path: body_field.split('.'), value: cursor } } };
  }
  if (typeof cursor !== 'string' && typeof cursor !== 'number') {
    return { ok: false, message: 'the cursor is neither text nor a number' };
  }
  return { ok: true, request: { query: { [parameter ?? 'cursor']: cursor } } };
}

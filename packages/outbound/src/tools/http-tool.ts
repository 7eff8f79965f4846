import { isJsonObject, type JsonValue } from '@millrace/contracts';
import * as z from 'zod';
import type { GuardedHttp, HttpResponse } from '../http/types.js';
import { boundJson, boundText, MAX_OUTPUT_CHARACTERS } from './bounded.js';
import { defineTool } from './define.js';
import { refused } from './failures.js';
import type { AgentTool } from './types.js';

export interface HttpToolOptions {
  readonly http: GuardedHttp;
  /** Capital letters. Default GET and HEAD. */
  readonly methods?: readonly string[] | undefined;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 2_097_152;
/** What says something about the body; the rest is of no use to a model, and cookies are none of its business. */
const SHOWN_HEADERS = ['content-type', 'content-length', 'last-modified', 'location', 'retry-after', 'link'];

const scalar = z.union([z.string(), z.number(), z.boolean()]);

function shownBody(body: JsonValue): JsonValue {
  if (isJsonObject(body) && body['$binary'] === 'base64')
    return { binary: true, content_type: body['content_type'] ?? null, bytes: body['bytes'] ?? null };
  if (typeof body === 'string') return boundText(body, MAX_OUTPUT_CHARACTERS / 2);
  return boundJson(body, MAX_OUTPUT_CHARACTERS / 2);
}

function shownHeaders(headers: HttpResponse['headers']): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const name of SHOWN_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') shown[name] = boundText(value, 500);
  }
  return shown;
}

/** Requests of a model, under the guard that the requests of every step are under. Redirects are followed by it too. */
export function createHttpTool({ http, methods = ['GET', 'HEAD'] }: HttpToolOptions): AgentTool {
  return defineTool({
    name: 'http',
    description: `Sends an HTTP request and answers {status, headers, body, url}. Methods: ${methods.join(', ')}.`,
    input: z.strictObject({
      url: z.string().max(8_192).describe('Absolute http or https URL'),
      method: z
        .string()
        .max(16)
        .default('GET')
        .describe(`One of ${methods.join(', ')}`),
      headers: z.record(z.string(), scalar).optional(),
      query: z.record(z.string(), scalar).optional(),
      body: z.json().optional().describe('Text is sent as it is, anything else as JSON'),
    }),
    async run({ method: given, ...request }, { signal, log }) {
      const method = given.toUpperCase();
      if (!methods.includes(method)) {
        return refused(
          'method_not_allowed',
          `This agent may not use ${method}; it may use ${methods.join(', ')}`,
        );
      }
      const outcome = await http.request({
        ...request,
        method,
        signal,
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
      });
      if (!outcome.ok) return { ok: false, error: outcome.error };
      const { status, headers, body, url } = outcome.response;
      log('debug', `${method} ${boundText(url, 500)} answered ${status}`);
      return { ok: true, output: { status, headers: shownHeaders(headers), body: shownBody(body), url } };
    },
  });
}

import type { JsonValue } from '@millrace/contracts';
import type { HttpResponse } from './types.js';

const HIDDEN = '[redacted]';

function hidden(text: string, values: readonly string[]): string {
  return values.reduce((shown, value) => shown.replaceAll(value, HIDDEN), text);
}

function hiddenIn(value: JsonValue, values: readonly string[]): JsonValue {
  if (typeof value === 'string') return hidden(value, values);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => hiddenIn(item, values));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [hidden(name, values), hiddenIn(item, values)]),
  );
}

/** The answer without the credentials that were sent: some servers answer with what they were asked. */
export function withoutCredentials(response: HttpResponse, derived: readonly string[]): HttpResponse {
  const values = derived.filter((value) => value !== '');
  if (values.length === 0) return response;
  const headers: HttpResponse['headers'] = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.map((item) => hidden(item, values)) : hidden(value, values);
  }
  return { ...response, headers, body: hiddenIn(response.body, values), url: hidden(response.url, values) };
}

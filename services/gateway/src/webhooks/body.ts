import { type JsonValue, WEBHOOK_BODY_LIMIT_BYTES } from '@millrace/contracts';
import { ApiError } from '@millrace/service-kit';
import express, { type Request, type Response } from 'express';
import { assertPlainJson } from '../http/json-limits.js';

const readRaw = express.raw({ limit: WEBHOOK_BODY_LIMIT_BYTES, type: () => true });

/** The bytes of a body, decompressed: 413 beyond the limit. Signatures are made over these, so nothing parses them before. */
export async function rawBody(request: Request, response: Response): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    readRaw(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('the body could not be read'));
    });
  });
  const body: unknown = request.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** JSON and forms as values, text as text, anything else as base64. Null for nothing. Throws 400 for broken JSON. */
export function interpret(body: Buffer, contentType: string): JsonValue {
  if (body.length === 0) return null;
  const type = mediaType(contentType);
  if (type === 'application/json' || type.endsWith('+json')) return parseJson(body);
  if (type === 'application/x-www-form-urlencoded') {
    return fromPairs(new URLSearchParams(body.toString('utf8')));
  }
  if (type.startsWith('text/') || type === 'application/xml' || type.endsWith('+xml')) {
    return body.toString('utf8');
  }
  return {
    $binary: 'base64',
    content_type: type === '' ? 'application/octet-stream' : type,
    bytes: body.length,
    data: body.toString('base64'),
  };
}

/** A name that comes more than once has a list of values. */
export function fromPairs(pairs: Iterable<readonly [string, string]>): Record<string, JsonValue> {
  const values = new Map<string, JsonValue>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    if (before === undefined) values.set(name, value);
    else values.set(name, Array.isArray(before) ? [...before, value] : [before, value]);
  }
  const object = Object.fromEntries(values);
  assertPlainJson(object);
  return object;
}

export function mediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function parseJson(body: Buffer): JsonValue {
  let value: JsonValue;
  try {
    // What JSON.parse answers is JSON; checking it with a schema would walk all of it once more.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as JsonValue;
  } catch (error) {
    throw new ApiError('malformed_json', 'The body is not valid JSON', { cause: error });
  }
  assertPlainJson(value);
  return value;
}

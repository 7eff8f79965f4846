import { isJsonObject, type HttpBodyType, type JsonObject, type JsonValue } from '@millrace/contracts';
import { fail } from './errors.js';

/** A body as it is sent, with the content type that goes with it. */
export interface Payload {
  readonly bytes: string | Buffer;
  readonly contentType: string;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Writer = (body: JsonValue) => Payload | Promise<Payload>;

const WRITERS: Readonly<Record<HttpBodyType, Writer>> = {
  json: (body) => ({ bytes: JSON.stringify(body), contentType: 'application/json' }),
  text: (body) => ({ bytes: scalarText(body, 'The text body'), contentType: 'text/plain; charset=utf-8' }),
  form,
  multipart,
  bytes: binary,
};

/** Writes a body. Throws `invalid_request` that says what the body type asks for. */
export function writePayload(
  body: JsonValue,
  bodyType: HttpBodyType | undefined,
): Payload | Promise<Payload> {
  return WRITERS[bodyType ?? (typeof body === 'string' ? 'text' : 'json')](body);
}

function scalarText(value: JsonValue, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw fail('invalid_request', `${what} has to be text, a number or a boolean`);
}

/** The values of every field; a list repeats the name, null leaves it out. */
function fieldsOf(body: JsonValue, bodyType: HttpBodyType): [name: string, value: JsonValue][] {
  if (!isJsonObject(body)) {
    throw fail('invalid_request', `A body of body_type ${bodyType} is an object of fields`);
  }
  return Object.entries(body).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== null)
      .map((item): [string, JsonValue] => [name, item]),
  );
}

function form(body: JsonValue): Payload {
  const fields = new URLSearchParams();
  for (const [name, value] of fieldsOf(body, 'form')) {
    fields.append(name, scalarText(value, `The form field ${JSON.stringify(name)}`));
  }
  return { bytes: fields.toString(), contentType: 'application/x-www-form-urlencoded;charset=UTF-8' };
}

async function multipart(body: JsonValue): Promise<Payload> {
  const form = new FormData();
  for (const [name, value] of fieldsOf(body, 'multipart')) {
    if (isJsonObject(value)) form.append(name, fileOf(name, value));
    else form.append(name, scalarText(value, `The field ${JSON.stringify(name)}`));
  }
  // The platform's own writer: it escapes names and chooses a boundary that no part contains.
  const written = new Response(form);
  return {
    bytes: Buffer.from(await written.arrayBuffer()),
    contentType: written.headers.get('content-type') ?? 'multipart/form-data',
  };
}

const FILE_KEYS = new Set(['text', 'base64', 'filename', 'content_type']);

/** `{text | base64, filename?, content_type?}`, or the binary body of an earlier answer. */
function fileOf(name: string, part: JsonObject): File {
  const what = `The part ${JSON.stringify(name)}`;
  const { filename = name, $binary, text, base64 } = part;
  if (typeof filename !== 'string') throw fail('invalid_request', `${what}: filename has to be text`);
  if ($binary !== undefined) {
    return new File([decoded(part['data'], what)], filename, { type: typeOf(part, what, OCTETS) });
  }
  const unknown = Object.keys(part).find((key) => !FILE_KEYS.has(key));
  if (unknown !== undefined || (text === undefined) === (base64 === undefined)) {
    throw fail(
      'invalid_request',
      `${what} is neither a value nor a file: a file is {"text" or "base64", "filename", "content_type"}`,
    );
  }
  if (base64 !== undefined) {
    return new File([decoded(base64, what)], filename, { type: typeOf(part, what, OCTETS) });
  }
  if (typeof text !== 'string') throw fail('invalid_request', `${what}: text has to be text`);
  return new File([text], filename, { type: typeOf(part, what, 'text/plain; charset=utf-8') });
}

const OCTETS = 'application/octet-stream';

function typeOf(part: JsonObject, what: string, otherwise: string): string {
  const type = part['content_type'] ?? otherwise;
  if (typeof type === 'string' && /^[\x20-\x7e]{1,200}$/.test(type)) return type;
  throw fail('invalid_request', `${what}: content_type is no media type`);
}

function binary(body: JsonValue): Payload {
  if (isJsonObject(body) && body['$binary'] !== undefined) {
    return { bytes: decoded(body['data'], 'The body'), contentType: typeOf(body, 'The body', OCTETS) };
  }
  return { bytes: decoded(body, 'The body'), contentType: OCTETS };
}

/** Strict: what is no base64 was meant to be something else. */
function decoded(value: JsonValue | undefined, what: string): Buffer<ArrayBuffer> {
  const compact = typeof value === 'string' ? value.replaceAll(/\s/g, '') : '-';
  if (!BASE64.test(compact) || compact.replace(/=+$/, '').length % 4 === 1) {
    throw fail('invalid_request', `${what} is not base64`);
  }
  return Buffer.from(compact, 'base64');
}

import type { HttpResponseType, JsonValue } from '@millrace/contracts';
import { parseJson } from '../json.js';
import { fail } from './errors.js';
import type { ReceivedBody } from './body.js';
import type { BinaryBody } from './types.js';

const TEXTUAL =
  /^(text\/|application\/(xml|javascript|ecmascript|x-javascript|x-www-form-urlencoded|yaml|x-yaml|x-ndjson|ndjson|jsonl|sql|graphql|toml|rtf)$|image\/svg)|\+(xml|yaml)$/;

const JSON_TYPE = /^[a-z]+\/json$|\+json$/;

/** Of JSON; a step's output may nest as deep. */
const MAX_DEPTH = 200;

interface ContentType {
  readonly mime: string;
  readonly charset: string | undefined;
}

function parseContentType(header: string): ContentType {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  const charset = parameters
    .map((parameter) => /^charset\s*=\s*"?([^"]+)"?$/i.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  return { mime: type.toLowerCase(), charset };
}

function decodeText(bytes: Buffer, charset: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A byte order mark outranks what the header says, as in browsers; an unknown charset is read as UTF-8. */
function textOf(bytes: Buffer, charset: string | undefined): string {
  const marked =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? 'utf-16be'
      : bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : undefined;
  return decodeText(bytes, marked ?? charset ?? 'utf-8', false) ?? decodeText(bytes, 'utf-8', false) ?? '';
}

function binary(bytes: Buffer, mime: string): { [key: string]: JsonValue } & BinaryBody {
  return {
    $binary: 'base64',
    content_type: mime === '' ? 'application/octet-stream' : mime,
    bytes: bytes.length,
    data: bytes.toString('base64'),
  };
}

function nestsDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => nestsDeeper(item, levels - 1));
}

/** Undefined when it does not parse. What nests too deep would overflow the stack of whoever walks it. */
function jsonOf(text: string): { readonly value: JsonValue } | undefined {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (nestsDeeper(value, MAX_DEPTH)) {
    throw fail('invalid_response', `The body nests deeper than ${String(MAX_DEPTH)} levels`);
  }
  return { value };
}

function strictJson(text: string, mime: string): JsonValue {
  const json = jsonOf(text);
  if (json !== undefined) return json.value;
  throw fail('invalid_response', `The body is not JSON (its content type is ${mime || 'not given'})`);
}

/** JSON when the type says so and it parses, text for textual types or undeclared valid UTF-8, else base64. */
function byContentType(bytes: Buffer, { mime, charset }: ContentType): JsonValue {
  const json = JSON_TYPE.test(mime);
  if (bytes.length === 0) return !json && TEXTUAL.test(mime) ? '' : null;
  if (json || TEXTUAL.test(mime)) {
    const text = textOf(bytes, charset);
    const parsed = json ? jsonOf(text) : undefined;
    return parsed === undefined ? text : parsed.value;
  }
  if (mime === '') return decodeText(bytes, 'utf-8', true) ?? binary(bytes, mime);
  return binary(bytes, mime);
}

/** Turns a body into JSON. Throws `invalid_response` when it is not what `responseType` asks for. */
export function interpretBody(
  { bytes, undecoded }: ReceivedBody,
  contentTypeHeader: string,
  responseType: HttpResponseType,
): JsonValue {
  const type = parseContentType(contentTypeHeader);
  if (responseType === 'bytes') return bytes.length === 0 ? null : binary(bytes, type.mime);
  if (undecoded) {
    if (responseType === 'auto') return binary(bytes, type.mime);
    throw fail('invalid_response', 'The body is compressed in a way that is not supported');
  }
  switch (responseType) {
    case 'auto':
      return byContentType(bytes, type);
    case 'text':
      return textOf(bytes, type.charset);
    case 'json':
      return bytes.length === 0 ? null : strictJson(textOf(bytes, type.charset), type.mime);
  }
}

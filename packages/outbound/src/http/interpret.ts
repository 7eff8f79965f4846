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

// [ and {, ] and }
const OPENERS: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSERS: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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

/** 0x80 to 0x9f of windows-1252, which is also what the web means by iso-8859-1. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function decodeText(bytes: Buffer, charset: string, fatal: boolean): string | undefined {
  try {
    const decoder = new TextDecoder(charset, { fatal });
    const text = decoder.decode(bytes);
    if (decoder.encoding !== 'windows-1252') return text;
    // Some versions of Node read it as Latin-1; where they do not, nothing is left to replace.
    return text.replaceAll(/[\u0080-\u009f]/g, (character) =>
      WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80),
    );
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

/** Looks at the text, which is many times cheaper than walking what it would become. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) quoted = false;
    } else if (character === QUOTE) quoted = true;
    else if (OPENERS.has(character)) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (CLOSERS.has(character)) depth -= 1;
  }
  return false;
}

/** Undefined when it does not parse. What nests too deep would overflow the stack of whoever walks it. */
function jsonOf(text: string): { readonly value: JsonValue } | undefined {
  try {
    const value = parseJson(text);
    if (!nestsTooDeep(text)) return { value };
  } catch {
    return undefined;
  }
  throw fail('invalid_response', `The body nests deeper than ${String(MAX_DEPTH)} levels`);
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

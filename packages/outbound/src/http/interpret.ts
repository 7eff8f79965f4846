import { TextDecoder } from 'node:util';
import {
  type HttpResponseType,
  inTurns,
  JsonLimitError,
  type JsonLimits,
  type JsonPieces,
  type JsonValue,
  nextTurn,
  parseJsonSlices,
} from '@millrace/contracts';
import { fail } from './errors.js';
import type { ReceivedBody } from './body.js';
import type { BinaryBody } from './types.js';

const TEXTUAL =
  /^(text\/|application\/(xml|javascript|ecmascript|x-javascript|x-www-form-urlencoded|yaml|x-yaml|x-ndjson|ndjson|jsonl|sql|graphql|toml|rtf)$|image\/svg)|\+(xml|yaml)$/;

const JSON_TYPE = /^[a-z]+\/json$|\+json$/;

/** As those of a step's output: what is more is not even made. */
const JSON_LIMITS: JsonLimits = { length: Infinity, values: 1_000_000, depth: 200, members: 50_000 };

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

/** Some versions of Node read it as Latin-1; where they do not, nothing is left to replace. */
function asWindows1252(text: string, { encoding }: TextDecoder): string {
  if (encoding !== 'windows-1252') return text;
  return text.replaceAll(/[\u0080-\u009f]/g, (character) =>
    WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80),
  );
}

/** A byte order mark outranks what the header says, as in browsers; an unknown charset is read as UTF-8. */
function decoderFor(bytes: Buffer, charset: string | undefined): TextDecoder {
  const marked =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? 'utf-16be'
      : bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : undefined;
  try {
    return new TextDecoder(marked ?? charset ?? 'utf-8');
  } catch {
    return new TextDecoder();
  }
}

function textOf(bytes: Buffer, charset: string | undefined): string {
  const decoder = decoderFor(bytes, charset);
  return asWindows1252(decoder.decode(bytes), decoder);
}

/** Bytes that are decoded at once. */
const PIECE = 128 * 1024;

/** The same text, decoded in turns with whatever else this process does. */
async function textInTurns(bytes: Buffer, charset: string | undefined): Promise<JsonPieces> {
  const decoder = decoderFor(bytes, charset);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    const stream = at + PIECE < bytes.length;
    pieces.push(asWindows1252(decoder.decode(bytes.subarray(at, at + PIECE), { stream }), decoder));
    if (stream) await nextTurn();
  }
  return pieces;
}

/** Undefined when the bytes are not UTF-8. */
function utf8Of(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function binary(bytes: Buffer, mime: string): { [key: string]: JsonValue } & BinaryBody {
  return {
    $binary: 'base64',
    content_type: mime === '' ? 'application/octet-stream' : mime,
    bytes: bytes.length,
    data: bytes.toString('base64'),
  };
}

/** Undefined when it does not parse. A large one is parsed in turns with whatever else this process does. */
async function jsonOf(text: JsonPieces): Promise<{ readonly value: JsonValue } | undefined> {
  try {
    return { value: await inTurns(parseJsonSlices(text, JSON_LIMITS)) };
  } catch (error) {
    if (!(error instanceof JsonLimitError)) return undefined;
    if (error.excess === 'depth') throw fail('invalid_response', `The body cannot be read: ${error.message}`);
    throw fail(
      'response_too_large',
      `The body is too large as JSON: ${error.message}; ask for less at once, or read it with response_type "text"`,
    );
  }
}

async function strictJson(text: JsonPieces, mime: string): Promise<JsonValue> {
  const json = await jsonOf(text);
  if (json !== undefined) return json.value;
  throw fail('invalid_response', `The body is not JSON (its content type is ${mime || 'not given'})`);
}

/** JSON when the type says so and it parses, text for textual types or undeclared valid UTF-8, else base64. */
async function byContentType(bytes: Buffer, { mime, charset }: ContentType): Promise<JsonValue> {
  const json = JSON_TYPE.test(mime);
  if (bytes.length === 0) return !json && TEXTUAL.test(mime) ? '' : null;
  if (json) {
    const text = await textInTurns(bytes, charset);
    const parsed = await jsonOf(text);
    return parsed === undefined ? text.join('') : parsed.value;
  }
  if (TEXTUAL.test(mime)) return textOf(bytes, charset);
  if (mime === '') return utf8Of(bytes) ?? binary(bytes, mime);
  return binary(bytes, mime);
}

/** Turns a body into JSON. Rejects with `invalid_response` when it is not what `responseType` asks for. */
export async function interpretBody(
  { bytes, undecoded }: ReceivedBody,
  contentTypeHeader: string,
  responseType: HttpResponseType,
): Promise<JsonValue> {
  const type = parseContentType(contentTypeHeader);
  if (responseType === 'bytes') return bytes.length === 0 ? null : binary(bytes, type.mime);
  if (undecoded) {
    if (responseType === 'auto') return binary(bytes, type.mime);
    throw fail('invalid_response', 'The body is compressed in a way that is not supported');
  }
  switch (responseType) {
    case 'auto':
      return await byContentType(bytes, type);
    case 'text':
      return textOf(bytes, type.charset);
    case 'json':
      return bytes.length === 0 ? null : await strictJson(await textInTurns(bytes, type.charset), type.mime);
  }
}

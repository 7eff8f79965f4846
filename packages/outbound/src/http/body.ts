import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { JsonValue } from '@millrace/contracts';
import { parseJson } from '../json.js';
import { fail } from './errors.js';
import type { BinaryBody } from './types.js';

const TEXTUAL =
  /^(text\/|application\/(xml|javascript|ecmascript|x-javascript|x-www-form-urlencoded|yaml|x-yaml|x-ndjson|ndjson|jsonl|sql|graphql|toml|rtf)$|image\/svg)|\+(xml|yaml)$/;

function decoderFor(encoding: string): NodeJS.ReadWriteStream | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return undefined;
}

/** One content coding is understood; anything else (several, unknown) reaches the caller as it came. */
function decompressed(source: Readable, encoding: string): AsyncIterable<unknown> {
  const decoder = decoderFor(encoding);
  if (!decoder) return source;
  source.on('error', (error) => decoder.emit('error', error));
  return source.pipe(decoder);
}

/**
 * Collects a body and stops at the first byte beyond `maxBytes`, counted after decompression, so that a small
 * compressed answer cannot fill the memory. Throws `response_too_large` or `invalid_response`.
 */
export async function readBody(source: Readable, encoding: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of decompressed(source, encoding)) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      total += bytes.length;
      if (total > maxBytes) throw tooLarge(maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    source.destroy();
    if (
      error instanceof Error &&
      'code' in error &&
      /^(Z_|ERR__ERROR|ERR_PADDING|ERR_BROTLI|ERR_.*FORMAT)/.test(String(error.code))
    ) {
      throw fail('invalid_response', `The body is not valid ${encoding}`, error);
    }
    throw error;
  }
  return Buffer.concat(chunks, total);
}

export function tooLarge(maxBytes: number): Error {
  return fail('response_too_large', `The answer is larger than the ${String(maxBytes)} bytes allowed`);
}

function decodeText(bytes: Buffer, charset: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(charset, { fatal }).decode(bytes);
  } catch {
    return undefined;
  }
}

function binary(bytes: Buffer, contentType: string): { [key: string]: JsonValue } & BinaryBody {
  return {
    $binary: 'base64',
    content_type: contentType,
    bytes: bytes.length,
    data: bytes.toString('base64'),
  };
}

function jsonOrText(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** JSON when the type says so and it parses, text for textual types or undeclared valid UTF-8, else base64. */
export function interpretBody(bytes: Buffer, contentTypeHeader: string): JsonValue {
  const [type = '', ...parameters] = contentTypeHeader.split(';').map((part) => part.trim());
  const mime = type.toLowerCase();
  const charset = parameters
    .map((parameter) => /^charset="?([^"]+)"?$/i.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  const json = /^[a-z]+\/json$|\+json$/.test(mime);
  if (bytes.length === 0) return mime !== '' && !json && TEXTUAL.test(mime) ? '' : null;
  if (json || TEXTUAL.test(mime)) {
    const text = decodeText(bytes, charset ?? 'utf-8', false) ?? decodeText(bytes, 'utf-8', false) ?? '';
    return json ? jsonOrText(text) : text;
  }
  if (mime === '') return decodeText(bytes, 'utf-8', true) ?? binary(bytes, 'application/octet-stream');
  return binary(bytes, mime);
}

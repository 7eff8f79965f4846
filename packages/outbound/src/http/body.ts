import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { fail } from './errors.js';

/** Several codings in a row are legal and never useful. */
const MAX_CODINGS = 3;

const FIRST_BLOCK = 16 * 1024;

/** A body as it came through the codings; `undecoded` is set when one of them is unknown, and the bytes are as sent. */
export interface ReceivedBody {
  readonly bytes: Buffer;
  readonly undecoded: boolean;
}

/** One growing block instead of a list: a body that arrives byte by byte would keep an object for each of them. */
class ByteSink {
  #block = Buffer.allocUnsafe(FIRST_BLOCK);
  #length = 0;

  constructor(readonly maxBytes: number) {}

  push(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.maxBytes) throw tooLarge(this.maxBytes);
    if (length > this.#block.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, Math.min(this.#block.length * 2, this.maxBytes)));
      this.#block.copy(grown, 0, 0, this.#length);
      this.#block = grown;
    }
    chunk.copy(this.#block, this.#length);
    this.#length = length;
  }

  bytes(): Buffer {
    return this.#block.subarray(0, this.#length);
  }
}

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const asyncGunzip: Decoder = promisify(gunzip);
const asyncInflate: Decoder = promisify(inflate);
const asyncInflateRaw: Decoder = promisify(inflateRaw);
const asyncBrotli: Decoder = promisify(brotliDecompress);

/** `deflate` means the zlib format, and half the world sends the bare one. */
const inflateEither: Decoder = (bytes, options) => {
  const isZlib = ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0;
  return isZlib ? asyncInflate(bytes, options) : asyncInflateRaw(bytes, options);
};

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', asyncGunzip],
  ['x-gzip', asyncGunzip],
  ['deflate', inflateEither],
  ['br', asyncBrotli],
]);

/**
 * Collects a body and undoes its content codings. More than `maxBytes`, sent or decompressed, is
 * `response_too_large`, and no more than that is ever held; damage is `invalid_response`.
 */
export async function readBody(source: Readable, encoding: string, maxBytes: number): Promise<ReceivedBody> {
  const sink = new ByteSink(maxBytes);
  try {
    for await (const chunk of source) sink.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  } catch (error) {
    source.destroy();
    throw error;
  }
  return await decode(sink.bytes(), encoding, maxBytes);
}

async function decode(sent: Buffer, encoding: string, maxBytes: number): Promise<ReceivedBody> {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  if (codings.length > MAX_CODINGS) throw fail('invalid_response', 'The body is compressed too many times');
  if (sent.length === 0) return { bytes: sent, undecoded: false };
  const decoders = codings.map((coding) => DECODERS.get(coding));
  let bytes = sent;
  for (const decoder of decoders) {
    if (decoder === undefined) return { bytes: sent, undecoded: true };
    bytes = await decompressed(decoder, bytes, encoding, maxBytes);
  }
  return { bytes, undecoded: false };
}

async function decompressed(
  decoder: Decoder,
  bytes: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  try {
    return await decoder(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw fail('invalid_response', `The body is not valid ${encoding.slice(0, 100)}`, error);
  }
}

export function tooLarge(maxBytes: number): Error {
  return fail('response_too_large', `The answer is larger than the ${String(maxBytes)} bytes allowed`);
}

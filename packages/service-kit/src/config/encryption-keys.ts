/** Reads keys as people write them into environments. */

const KEY_BYTES = 32;
/** Random ones have about 30; what somebody typed has few. */
const MIN_DISTINCT_BYTES = 16;

/** 32 bytes as hexadecimal or Base64 of either alphabet; undefined for anything else. */
export function decodeKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
  return key.length === KEY_BYTES ? key : undefined;
}

/** True for a key that nobody drew at random: words, repetitions, zeros. */
export function isWeakKey(key: Buffer): boolean {
  const isText = key.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText || new Set(key).size < MIN_DISTINCT_BYTES;
}

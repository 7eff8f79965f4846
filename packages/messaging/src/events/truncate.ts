import type { TransientFrame } from '@millrace/contracts';

/**
 * The frame as JSON of at most `maxBytes`: as it is, or with the longest text of its data cut and `truncated: true`
 * beside it. Undefined when cutting that one text does not make it fit.
 */
export function fitTransientFrame(frame: TransientFrame, maxBytes: number): string | undefined {
  const whole = JSON.stringify(frame);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const longest = longestText(frame.data);
  if (!longest) return undefined;

  const cutTo = (length: number): string =>
    JSON.stringify({
      ...frame,
      data: { ...frame.data, [longest.key]: wellFormed(longest.text.slice(0, length)), truncated: true },
    });
  const fits = (length: number): boolean => Buffer.byteLength(cutTo(length)) <= maxBytes;
  if (!fits(0)) return undefined;
  // A character takes one to six bytes of JSON, so the length is searched for, not computed.
  let low = 0;
  let high = Math.min(longest.text.length, maxBytes);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return cutTo(low);
}

function longestText(data: TransientFrame['data']): { key: string; text: string } | undefined {
  let longest: { key: string; text: string } | undefined;
  for (const [key, text] of Object.entries(data)) {
    if (typeof text === 'string' && text.length > (longest?.text.length ?? 0)) longest = { key, text };
  }
  return longest;
}

/** Without the half of a surrogate pair that a cut leaves at the end. */
function wellFormed(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

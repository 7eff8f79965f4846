import { createHmac, randomBytes } from 'node:crypto';

/** The scheme of https://www.standardwebhooks.com: what we sign with, and what others may sign with. */
const MARK = 'whsec_';
const SECRET_BYTES = 32;
/** The specification asks for 24; some senders are content with less. */
const MIN_SECRET_BYTES = 16;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export function generateSigningSecret(): string {
  return MARK + randomBytes(SECRET_BYTES).toString('base64');
}

/** The key that a secret means: base64, with or without `whsec_`. Undefined where it is none. */
export function signingKey(secret: string): Buffer | undefined {
  const text = secret.startsWith(MARK) ? secret.slice(MARK.length) : secret;
  if (!BASE64.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length < MIN_SECRET_BYTES ? undefined : key;
}

/** `v1,` and the signature. `timestamp` in seconds since 1970; `body` as it goes over the wire. */
export function signStandardWebhook(
  key: Buffer,
  message: { id: string; timestamp: string; body: string | Buffer },
): string {
  const mac = createHmac('sha256', key).update(`${message.id}.${message.timestamp}.`).update(message.body);
  return `v1,${mac.digest('base64')}`;
}

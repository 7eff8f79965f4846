import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookSignature } from '@millrace/contracts';
import { signingKey, signStandardWebhook } from '@millrace/service-kit';

/** What a signature is made over. */
export interface SignedRequest {
  /** As it came over the wire, decompressed. */
  readonly body: Buffer;
  header(name: string): string | undefined;
  query(name: string): string | undefined;
  readonly nowMs: number;
}

/** `reason` is for the webhook's owner, never for the sender. */
export type SignatureVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const GENUINE: SignatureVerdict = { ok: true };
const refused = (reason: string): SignatureVerdict => ({ ok: false, reason });
const WRONG = refused('the signature is not one made with the secret');

/**
 * Whether a delivery comes from whoever has one of the secrets. Every secret is tried, and every comparison takes the
 * same time whatever the texts have in common.
 */
export function verifySignature(
  signature: WebhookSignature,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  switch (signature.type) {
    case 'none':
      return GENUINE;
    case 'token':
      return verifyToken(signature, secrets, request);
    case 'github':
      return verifyHmac(
        { header: 'X-Hub-Signature-256', prefix: 'sha256=', encoding: 'hex' },
        secrets,
        request,
      );
    case 'hmac_sha256':
      return verifyHmac(signature, secrets, request);
    case 'stripe':
      return verifyStripe(signature.tolerance_seconds, secrets, request);
    case 'slack':
      return verifySlack(signature.tolerance_seconds, secrets, request);
    case 'standard_webhooks':
      return verifyStandard(signature.tolerance_seconds, secrets, request);
  }
}

type Hmac = Omit<Extract<WebhookSignature, { type: 'hmac_sha256' }>, 'type'>;

function verifyHmac(
  { header, prefix, encoding, timestamp }: Hmac,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  const given = request.header(header);
  if (given === undefined) return refused(`the header ${header} is missing`);
  if (!given.startsWith(prefix)) return refused(`the header ${header} does not begin with ${prefix}`);
  let before = '';
  if (timestamp) {
    const time = request.header(timestamp.header);
    const late = staleness(time, timestamp.header, timestamp.tolerance_seconds, request.nowMs);
    if (late) return late;
    before = `${time ?? ''}${timestamp.separator}`;
  }
  const claimed = Buffer.from(given.slice(prefix.length), encoding);
  return matches(secrets, (secret) => isEqual(claimed, hmac(secret, before, request.body)));
}

/** `t=…,v1=…`, more than one `v1` while Stripe rolls a secret; other schemes (`v0`) are for tests and do not count. */
function verifyStripe(
  tolerance: number,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  const header = request.header('Stripe-Signature');
  if (header === undefined) return refused('the header Stripe-Signature is missing');
  const fields = header.split(',').map((field) => field.trim().split('=', 2));
  const timestamp = fields.find(([name]) => name === 't')?.[1];
  const late = staleness(timestamp, 't in Stripe-Signature', tolerance, request.nowMs);
  if (late) return late;
  const claimed = fields.flatMap(([name, value = '']) => (name === 'v1' ? [Buffer.from(value, 'hex')] : []));
  if (claimed.length === 0) return refused('Stripe-Signature holds no v1 signature');
  return matches(secrets, (secret) => {
    const expected = hmac(secret, `${timestamp ?? ''}.`, request.body);
    return anyOf(claimed.slice(0, MAX_SIGNATURES), (one) => isEqual(one, expected));
  });
}

function verifySlack(
  tolerance: number,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  const timestamp = request.header('X-Slack-Request-Timestamp');
  const late = staleness(timestamp, 'X-Slack-Request-Timestamp', tolerance, request.nowMs);
  if (late) return late;
  const given = request.header('X-Slack-Signature');
  if (given?.startsWith('v0=') !== true) return refused('the header X-Slack-Signature is missing');
  const claimed = Buffer.from(given.slice('v0='.length), 'hex');
  return matches(secrets, (secret) => isEqual(claimed, hmac(secret, `v0:${timestamp ?? ''}:`, request.body)));
}

/** Senders that work with Svix name the same headers `svix-…`. */
function verifyStandard(
  tolerance: number,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  const read = (name: string): string | undefined =>
    request.header(`webhook-${name}`) ?? request.header(`svix-${name}`);
  const [id, timestamp, given] = [read('id'), read('timestamp'), read('signature')];
  if (id === undefined) return refused('the header webhook-id is missing');
  const late = staleness(timestamp, 'webhook-timestamp', tolerance, request.nowMs);
  if (late) return late;
  if (given === undefined) return refused('the header webhook-signature is missing');
  const claimed = given.split(' ').filter((one) => one.startsWith('v1,'));
  const message = { id, timestamp: timestamp ?? '', body: request.body };
  return matches(secrets, (secret) => {
    const key = signingKey(secret);
    if (!key) return false;
    const expected = Buffer.from(signStandardWebhook(key, message));
    return anyOf(claimed.slice(0, MAX_SIGNATURES), (one) => isEqual(Buffer.from(one), expected));
  });
}

function verifyToken(
  { header, query }: Extract<WebhookSignature, { type: 'token' }>,
  secrets: readonly string[],
  request: SignedRequest,
): SignatureVerdict {
  const place = header === undefined ? `query parameter ${query ?? ''}` : `header ${header}`;
  const given = header === undefined ? request.query(query ?? '') : request.header(header);
  if (given === undefined) return refused(`the ${place} is missing`);
  const isBearer = header?.toLowerCase() === 'authorization';
  const token = isBearer ? given.replace(/^bearer +/i, '') : given;
  // Of their hashes, which have one length.
  const known = matches(secrets, (secret) => isEqual(sha256(token), sha256(secret)));
  return known.ok ? known : refused(`the ${place} does not hold the secret`);
}

/** Rotations have two or three signatures; a header full of them is somebody trying his luck. */
const MAX_SIGNATURES = 10;

function matches(secrets: readonly string[], isMadeWith: (secret: string) => boolean): SignatureVerdict {
  return anyOf(secrets, isMadeWith) ? GENUINE : WRONG;
}

/** Like `some`, but looks at all of them. */
function anyOf<T>(items: readonly T[], holds: (item: T) => boolean): boolean {
  return items.map(holds).includes(true);
}

function staleness(
  timestamp: string | undefined,
  name: string,
  toleranceSeconds: number,
  nowMs: number,
): SignatureVerdict | undefined {
  if (timestamp === undefined) return refused(`${name} is missing`);
  if (!/^\d{1,12}$/.test(timestamp)) return refused(`${name} is no time in seconds since 1970`);
  const apart = Math.abs(nowMs / 1_000 - Number(timestamp));
  if (apart <= toleranceSeconds) return undefined;
  return refused(`${name} is ${Math.round(apart)} seconds from our clock; ${toleranceSeconds} are tolerated`);
}

function hmac(secret: string, before: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(before).update(body).digest();
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

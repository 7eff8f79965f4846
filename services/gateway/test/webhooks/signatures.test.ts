import { createHmac } from 'node:crypto';
import { type WebhookSignature, webhookSignature } from '@millrace/contracts';
import { signingKey, signStandardWebhook } from '@millrace/service-kit';
import { expect } from 'chai';
import { type SignedRequest, verifySignature } from '../../src/webhooks/signatures.js';

interface Sent {
  body?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** Seconds since 1970 at which it arrives. */
  at?: number;
}

function sent({ body = '', headers = {}, query = {}, at = 0 }: Sent): SignedRequest {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    body: Buffer.from(body),
    header: (name) => lower.get(name.toLowerCase()),
    query: (name) => query[name],
    nowMs: at * 1_000,
  };
}

function judged(signature: object, secret: string | string[], request: Sent): boolean {
  const parsed: WebhookSignature = webhookSignature.parse(signature);
  return verifySignature(parsed, [secret].flat(), sent(request)).ok;
}

describe('the signature of a webhook', () => {
  describe('of GitHub', () => {
    // docs.github.com, "Testing the webhook payload validation".
    const secret = "It's a Secret to Everybody";
    const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const request = { body: 'Hello, World!', headers: { 'X-Hub-Signature-256': header } };

    it('is the one GitHub publishes', () => {
      expect(judged({ type: 'github' }, secret, request)).to.equal(true);
    });

    it('is not that of another body, secret or prefix, and is not left out', () => {
      expect(judged({ type: 'github' }, secret, { ...request, body: 'Hello, World' })).to.equal(false);
      expect(judged({ type: 'github' }, 'another', request)).to.equal(false);
      const bare = { 'X-Hub-Signature-256': header.slice('sha256='.length) };
      expect(judged({ type: 'github' }, secret, { ...request, headers: bare })).to.equal(false);
      expect(judged({ type: 'github' }, secret, { body: request.body })).to.equal(false);
    });
  });

  describe('of Slack', () => {
    // api.slack.com, "Verifying requests from Slack".
    const secret = '8f742231b10e8888abcd99yyyzzz85a5';
    const at = 1_531_420_618;
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const headers = {
      'X-Slack-Request-Timestamp': String(at),
      'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    };

    it('is the one Slack publishes', () => {
      expect(judged({ type: 'slack' }, secret, { body, headers, at })).to.equal(true);
    });

    it('is too old after five minutes, and from the future before', () => {
      expect(judged({ type: 'slack' }, secret, { body, headers, at: at + 300 })).to.equal(true);
      expect(judged({ type: 'slack' }, secret, { body, headers, at: at + 301 })).to.equal(false);
      expect(judged({ type: 'slack' }, secret, { body, headers, at: at - 301 })).to.equal(false);
    });

    it('covers the timestamp', () => {
      const moved = { ...headers, 'X-Slack-Request-Timestamp': String(at + 1) };
      expect(judged({ type: 'slack' }, secret, { body, headers: moved, at })).to.equal(false);
    });
  });

  describe('of Standard Webhooks', () => {
    // The example of the specification's libraries.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const at = 1_614_265_330;
    const body = '{"test": 2432232314}';
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': String(at),
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const standard = { type: 'standard_webhooks' };

    it('is the one its libraries publish', () => {
      expect(judged(standard, secret, { body, headers, at })).to.equal(true);
      expect(judged(standard, secret.slice('whsec_'.length), { body, headers, at })).to.equal(true);
    });

    it('may stand among others, and under the names of Svix', () => {
      const several = `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x ${headers['webhook-signature']}`;
      expect(
        judged(standard, secret, { body, at, headers: { ...headers, 'webhook-signature': several } }),
      ).to.equal(true);
      const svix = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
      );
      expect(judged(standard, secret, { body, at, headers: svix })).to.equal(true);
    });

    it('covers the id, has a time, and is of version 1', () => {
      const change = (changed: Record<string, string>): boolean =>
        judged(standard, secret, { body, at, headers: { ...headers, ...changed } });
      expect(change({ 'webhook-id': 'msg_2' })).to.equal(false);
      expect(change({ 'webhook-timestamp': 'yesterday' })).to.equal(false);
      expect(change({ 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') })).to.equal(
        false,
      );
      expect(judged(standard, secret, { body, at: at + 301, headers })).to.equal(false);
    });

    it('is what we sign with ourselves', () => {
      const key = signingKey(secret);
      if (!key) throw new Error('no key');
      const message = { id: headers['webhook-id'], timestamp: String(at), body };
      expect(signStandardWebhook(key, message)).to.equal(headers['webhook-signature']);
    });

    it('is refused for a secret that is no key', () => {
      expect(signingKey('whsec_short')).to.equal(undefined);
      expect(signingKey('not base64 at all, is it?')).to.equal(undefined);
      expect(judged(standard, 'whsec_short', { body, headers, at })).to.equal(false);
    });
  });

  describe('of Stripe', () => {
    const secret = 'whsec_test_secret';
    const at = 1_492_774_577;
    const body = '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}';
    // docs.stripe.com: HMAC-SHA256 of timestamp, dot and payload; the secret as it is, its prefix included.
    const v1 = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
    const withHeader = (header: string): Sent => ({ body, at, headers: { 'Stripe-Signature': header } });
    const stripe = { type: 'stripe' };

    it('is found among those of other schemes and secrets', () => {
      expect(judged(stripe, secret, withHeader(`t=${at},v1=${v1}`))).to.equal(true);
      expect(judged(stripe, secret, withHeader(`t=${at},v1=${'0'.repeat(64)},v1=${v1},v0=ff`))).to.equal(
        true,
      );
    });

    it('is not one of the scheme for tests, nor one without a time or with an old one', () => {
      expect(judged(stripe, secret, withHeader(`t=${at},v0=${v1}`))).to.equal(false);
      expect(judged(stripe, secret, withHeader(`v1=${v1}`))).to.equal(false);
      expect(judged(stripe, secret, withHeader('nonsense'))).to.equal(false);
      expect(judged(stripe, secret, { ...withHeader(`t=${at},v1=${v1}`), at: at + 301 })).to.equal(false);
      const wide = { type: 'stripe', tolerance_seconds: 600 };
      expect(judged(wide, secret, { ...withHeader(`t=${at},v1=${v1}`), at: at + 301 })).to.equal(true);
    });
  });

  describe('of one’s own', () => {
    const secret = 'a shared secret';
    const body = '{"id":1}';
    const at = 1_700_000_000;
    const mac = (text: string, encoding: 'hex' | 'base64'): string =>
      createHmac('sha256', secret).update(text).digest(encoding);

    it('is over the body, in either encoding', () => {
      const shop = { type: 'hmac_sha256', header: 'X-Shop', encoding: 'base64' };
      expect(judged(shop, secret, { body, headers: { 'X-Shop': mac(body, 'base64') } })).to.equal(true);
      const hex = { type: 'hmac_sha256', header: 'X-Sig', prefix: 'v=' };
      expect(judged(hex, secret, { body, headers: { 'X-Sig': `v=${mac(body, 'hex')}` } })).to.equal(true);
      expect(judged(hex, secret, { body, headers: { 'X-Sig': 'v=' } })).to.equal(false);
      expect(judged(hex, secret, { body, headers: { 'X-Sig': 'v=zz' } })).to.equal(false);
    });

    it('is over a timestamp too where there is one', () => {
      const timed = { type: 'hmac_sha256', header: 'X-Sig', timestamp: { header: 'X-Time', separator: ':' } };
      const headers = { 'X-Sig': mac(`${at}:${body}`, 'hex'), 'X-Time': String(at) };
      expect(judged(timed, secret, { body, headers, at })).to.equal(true);
      expect(judged(timed, secret, { body, headers, at: at + 301 })).to.equal(false);
      expect(judged(timed, secret, { body, at, headers: { 'X-Sig': mac(body, 'hex') } })).to.equal(false);
    });

    it('may be the secret itself, in a header or the query', () => {
      const inHeader = { type: 'token', header: 'Authorization' };
      expect(judged(inHeader, secret, { headers: { Authorization: `Bearer ${secret}` } })).to.equal(true);
      expect(judged(inHeader, secret, { headers: { Authorization: 'Bearer a shared' } })).to.equal(false);
      const inQuery = { type: 'token', query: 'key' };
      expect(judged(inQuery, secret, { query: { key: secret } })).to.equal(true);
      expect(judged(inQuery, secret, { query: { key: '' } })).to.equal(false);
      expect(judged(inQuery, secret, {})).to.equal(false);
    });

    it('may be made with the secret before', () => {
      const hex = { type: 'hmac_sha256', header: 'X-Sig' };
      const request = { body, headers: { 'X-Sig': mac(body, 'hex') } };
      expect(judged(hex, ['the new secret', secret], request)).to.equal(true);
      expect(judged(hex, ['the new secret'], request)).to.equal(false);
      expect(judged(hex, [], request)).to.equal(false);
    });
  });

  it('is described in one way only', () => {
    const refused = (signature: object): boolean => !webhookSignature.safeParse(signature).success;
    expect(refused({ type: 'token' })).to.equal(true);
    expect(refused({ type: 'token', header: 'a', query: 'b' })).to.equal(true);
    expect(refused({ type: 'hmac_sha256' })).to.equal(true);
    expect(refused({ type: 'hmac_sha256', header: 'no header' })).to.equal(true);
    expect(refused({ type: 'stripe', tolerance_seconds: 0 })).to.equal(true);
    expect(refused({ type: 'md5' })).to.equal(true);
  });
});

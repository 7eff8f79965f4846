import { createHash } from 'node:crypto';
import { isJsonObject, type JsonValue, type OAuth2ClientCredentials } from '@millrace/contracts';
import { OutboundFailure } from '../outcome.js';
import { fail, httpError, untilAborted } from './errors.js';
import type { GuardedHttp, HttpError, HttpOutcome } from './types.js';

/** Access tokens by the client credentials grant (RFC 6749, 4.4), kept in memory until shortly before they expire. */
export interface TokenSource {
  /** Requests for the same credentials share one fetch. Throws an `OutboundFailure` that never holds the secret. */
  get(credentials: OAuth2ClientCredentials, signal: AbortSignal): Promise<string>;
  /** Forgets this token, unless a newer one has taken its place. */
  drop(credentials: OAuth2ClientCredentials, token: string): void;
}

const MAX_TOKENS = 1_000;
const MAX_TOKEN_BYTES = 256 * 1024;
const FETCH_TIMEOUT_MS = 30_000;

/** For a token whose age the server does not tell. */
const DEFAULT_LIFETIME_S = 300;
const MAX_LIFETIME_S = 86_400;
/** How long before its end a token is no longer used: the request has to arrive before it. */
const MAX_MARGIN_S = 60;

const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Token {
  readonly text: string;
  readonly usableUntil: number;
}

type Fetched =
  { readonly ok: true; readonly token: Token } | { readonly ok: false; readonly error: HttpError };

function keyOf(credentials: OAuth2ClientCredentials): string {
  const { token_url, client_id, client_secret, scope, audience, auth_style } = credentials;
  // The secret is part of the key: who does not know it is never given a token that it bought.
  const identity = JSON.stringify([token_url, client_id, client_secret, scope, audience, auth_style]);
  return createHash('sha256').update(identity).digest('base64');
}

/** Section 2.3.1: both are form-encoded before they become a basic credential. */
function basicCredential({ client_id, client_secret }: OAuth2ClientCredentials): string {
  const encoded = [client_id, client_secret].map((part) =>
    new URLSearchParams({ '': part }).toString().slice(1),
  );
  return Buffer.from(encoded.join(':')).toString('base64');
}

function lifetimeOf(expiresIn: JsonValue | undefined): number {
  const seconds = expiresIn === undefined || expiresIn === null ? DEFAULT_LIFETIME_S : Number(expiresIn);
  if (!Number.isFinite(seconds) || seconds <= 0) return 0;
  const lifetime = Math.min(seconds, MAX_LIFETIME_S);
  return lifetime - Math.min(MAX_MARGIN_S, lifetime / 10);
}

/** `error` and `error_description` of the answer, without the secret should the server repeat it. */
function reasonOf(body: JsonValue, secret: string): string {
  if (!isJsonObject(body)) return '';
  const words = [body['error'], body['error_description']].filter((part) => typeof part === 'string');
  const text = words.join(': ').replaceAll(secret, '[redacted]').slice(0, 300);
  return text === '' ? '' : ` (${text})`;
}

function readToken(credentials: OAuth2ClientCredentials, outcome: HttpOutcome, askedAt: number): Fetched {
  const refuse = (code: 'authentication_failed' | 'authentication_unavailable', words: string): Fetched => ({
    ok: false,
    error: httpError(code, `The token endpoint ${endpointOf(credentials)} ${words}`),
  });
  if (!outcome.ok) {
    const { error } = outcome;
    const message = error.message.replaceAll(credentials.client_secret, '[redacted]');
    return { ok: false, error: { ...error, message: `No access token: ${message}` } };
  }
  const { status, body } = outcome.response;
  if (status < 200 || status >= 300) {
    const reason = reasonOf(body, credentials.client_secret);
    const code = TEMPORARY.has(status) ? 'authentication_unavailable' : 'authentication_failed';
    return refuse(code, `answered ${String(status)}${reason}`);
  }
  const fields = isJsonObject(body) ? body : {};
  const { access_token, token_type, expires_in } = fields;
  if (typeof access_token !== 'string' || !/^[\x21-\x7e]+$/.test(access_token)) {
    return refuse('authentication_failed', 'answered without an access_token');
  }
  const isBearer = typeof token_type === 'string' && token_type.toLowerCase() === 'bearer';
  if (token_type !== undefined && !isBearer) {
    return refuse('authentication_failed', 'gave a token that is not of type bearer');
  }
  const usableUntil = askedAt + lifetimeOf(expires_in) * 1_000;
  return { ok: true, token: { text: access_token, usableUntil } };
}

function endpointOf({ token_url }: OAuth2ClientCredentials): string {
  return URL.canParse(token_url) ? new URL(token_url).origin : 'of the step';
}

export function createTokenSource(request: GuardedHttp['request'], clock: () => number): TokenSource {
  const known = new Map<string, Token>();
  const underway = new Map<string, Promise<Fetched>>();

  async function fetchToken(credentials: OAuth2ClientCredentials): Promise<Fetched> {
    const { token_url, client_id, client_secret, scope, audience, auth_style } = credentials;
    const askedAt = clock();
    const outcome = await request({
      method: 'POST',
      url: token_url,
      headers: {
        accept: 'application/json',
        ...(auth_style === 'basic' && { authorization: `Basic ${basicCredential(credentials)}` }),
      },
      body: {
        grant_type: 'client_credentials',
        ...(scope !== undefined && { scope }),
        ...(audience !== undefined && { audience }),
        ...(auth_style === 'body' && { client_id, client_secret }),
      },
      bodyType: 'form',
      // Whoever can redirect this request could have the secret sent elsewhere.
      redirects: { follow: false, max: 0 },
      timeoutMs: FETCH_TIMEOUT_MS,
      maxBytes: MAX_TOKEN_BYTES,
    });
    return readToken(credentials, outcome, askedAt);
  }

  function remember(key: string, token: Token): void {
    known.delete(key);
    known.set(key, token);
    const [oldest] = known.keys();
    if (known.size > MAX_TOKENS && oldest !== undefined) known.delete(oldest);
  }

  /** Belongs to nobody's request: who gives up waiting does not take the token from the others. */
  function share(key: string, credentials: OAuth2ClientCredentials): Promise<Fetched> {
    const running = underway.get(key);
    if (running !== undefined) return running;
    const started = fetchToken(credentials).then((fetched) => {
      underway.delete(key);
      if (fetched.ok) remember(key, fetched.token);
      return fetched;
    });
    underway.set(key, started);
    return started;
  }

  return {
    async get(credentials, signal) {
      if (credentials.token_url === '') throw fail('invalid_url', 'The token_url is empty');
      const key = keyOf(credentials);
      const token = known.get(key);
      if (token !== undefined && clock() < token.usableUntil) return token.text;
      const fetched = await untilAborted(share(key, credentials), signal);
      if (!fetched.ok) throw new OutboundFailure(fetched.error);
      return fetched.token.text;
    },
    drop(credentials, token) {
      const key = keyOf(credentials);
      if (known.get(key)?.text === token) known.delete(key);
    },
  };
}

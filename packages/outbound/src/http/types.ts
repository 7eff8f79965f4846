import type { LookupAddress } from 'node:dns';
import type { HttpAuthentication, HttpBodyType, HttpResponseType, JsonValue } from '@millrace/contracts';
import type { OutboundError } from '../outcome.js';

/** Every way a guarded request can fail. An HTTP status of 400 or more is not among them. */
export type HttpErrorCode =
  | 'invalid_url'
  | 'invalid_request'
  | 'blocked_address'
  | 'blocked_port'
  | 'dns_failed'
  | 'connection_refused'
  | 'connection_failed'
  | 'connect_timeout'
  | 'tls_failed'
  | 'timeout'
  | 'aborted'
  | 'authentication_failed'
  | 'authentication_unavailable'
  | 'too_many_redirects'
  | 'invalid_redirect'
  | 'response_too_large'
  | 'invalid_response';

export type HttpError = OutboundError<HttpErrorCode>;

export type QueryScalar = string | number | boolean | null;

/** One request. Only `url` is required. */
export interface HttpRequestSpec {
  /** GET (default), HEAD, POST, PUT, PATCH, DELETE or OPTIONS; any case. */
  readonly method?: string | undefined;
  /** Absolute `http:` or `https:` URL without user name and password. */
  readonly url: string;
  /** Names that describe the connection (`Host`, `Content-Length`, …) are refused. */
  readonly headers?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Names of `headers` that hold a secret, any case: like `Authorization`, they are not sent on to another origin. */
  readonly secretHeaders?: readonly string[] | undefined;
  /** Replaces parameters of the same name in `url`; an array repeats the name; null leaves it out. */
  readonly query?: Readonly<Record<string, QueryScalar | readonly QueryScalar[]>> | undefined;
  /** Null is no body for GET and HEAD. */
  readonly body?: JsonValue | undefined;
  /**
   * How `body` is written. Without it a string is sent as it is (`text/plain` unless a content type is given) and
   * anything else as JSON. `form` and `multipart` take an object, `bytes` base64 text or a {@link BinaryBody}.
   */
  readonly bodyType?: HttpBodyType | undefined;
  /** With its real values. Sent to the first origin only. */
  readonly authentication?: HttpAuthentication | undefined;
  /** By default followed, as often as the client's options say. */
  readonly redirects?: { readonly follow: boolean; readonly max: number } | undefined;
  /** Default `auto`. `json` makes a body that does not parse an `invalid_response`. */
  readonly responseType?: HttpResponseType | undefined;
  /** Statuses that `responseType` is for; the body of any other is read by its content type. Default all. */
  readonly expects?: ((status: number) => boolean) | undefined;
  /** Whole request with token, redirects and body, milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Largest body accepted, before and after decompression, in bytes. */
  readonly maxBytes?: number | undefined;
  /** Sent as `Idempotency-Key` unless `headers` has one. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers are joined by `, `, except `set-cookie`, which is always an array. */
  readonly headers: Record<string, string | string[]>;
  /**
   * As `responseType` asks. `auto`: parsed JSON when the content type says JSON and it parses, text for textual types,
   * otherwise a {@link BinaryBody}. Null when there is no body.
   */
  readonly body: JsonValue;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** Size of the body after decompression. */
  readonly bytes: number;
}

/** How bytes that are not text travel inside JSON. */
export interface BinaryBody {
  readonly $binary: 'base64';
  readonly content_type: string;
  readonly bytes: number;
  readonly data: string;
}

export type HttpOutcome =
  { readonly ok: true; readonly response: HttpResponse } | { readonly ok: false; readonly error: HttpError };

/** Resolves a name to all its addresses; rejects when there is none. Replaceable for tests and split DNS. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface GuardedHttpOptions {
  /**
   * What the operator opens beyond the public internet: `host`, `*.suffix`, `host:port`, an address, or a CIDR.
   * An entry that cannot be understood makes {@link createGuardedHttp} throw.
   */
  readonly allow?: readonly string[] | undefined;
  /** Ports refused everywhere except on targets that an entry of `allow` opens. Default none. */
  readonly blockedPorts?: readonly number[] | undefined;
  /** Default 5; 0 makes any redirect an error. */
  readonly maxRedirects?: number | undefined;
  /** Default for requests that give none; 30 s. */
  readonly timeoutMs?: number | undefined;
  /** Name resolution, TCP and TLS together, 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Default for requests that give none; 10 MiB. */
  readonly maxBytes?: number | undefined;
  /** Default `millrace`. */
  readonly userAgent?: string | undefined;
  readonly resolve?: Resolve | undefined;
  /** Milliseconds since 1970, for the age of tokens. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

export interface GuardedHttp {
  /** Never rejects. */
  request(spec: HttpRequestSpec): Promise<HttpOutcome>;
  /** Ends idle and active connections. Safe to call twice. */
  close(): Promise<void>;
}

import type { LookupAddress } from 'node:dns';
import type { JsonValue } from '@millrace/contracts';
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
  /** Replaces parameters of the same name in `url`; an array repeats the name; null leaves it out. */
  readonly query?: Readonly<Record<string, QueryScalar | readonly QueryScalar[]>> | undefined;
  /** A string is sent as it is (`text/plain` unless a content type is given), anything else as JSON. */
  readonly body?: JsonValue | undefined;
  /** Whole request with redirects and body, milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Largest body accepted, after decompression, in bytes. */
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
   * Parsed JSON when the content type says JSON and it parses, text for textual types, otherwise a
   * {@link BinaryBody}. Null when there is no body.
   */
  readonly body: JsonValue;
  /** Where the answer came from, after redirects. */
  readonly url: string;
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
}

export interface GuardedHttp {
  /** Never rejects. */
  request(spec: HttpRequestSpec): Promise<HttpOutcome>;
  /** Ends idle and active connections. Safe to call twice. */
  close(): Promise<void>;
}

import { errors } from 'undici';
import { OutboundFailure, type Fault } from '../outcome.js';
import type { HttpError, HttpErrorCode } from './types.js';

/** What every code means for a retry policy, and who has to act. */
const NATURE: Readonly<Record<HttpErrorCode, { retryable: boolean; fault: Fault }>> = {
  invalid_url: { retryable: false, fault: 'workflow' },
  invalid_request: { retryable: false, fault: 'workflow' },
  blocked_address: { retryable: false, fault: 'workflow' },
  blocked_port: { retryable: false, fault: 'workflow' },
  dns_failed: { retryable: true, fault: 'remote' },
  connection_refused: { retryable: true, fault: 'remote' },
  connection_failed: { retryable: true, fault: 'remote' },
  connect_timeout: { retryable: true, fault: 'remote' },
  tls_failed: { retryable: false, fault: 'remote' },
  timeout: { retryable: true, fault: 'remote' },
  aborted: { retryable: false, fault: 'workflow' },
  authentication_failed: { retryable: false, fault: 'workflow' },
  authentication_unavailable: { retryable: true, fault: 'remote' },
  too_many_redirects: { retryable: false, fault: 'remote' },
  invalid_redirect: { retryable: false, fault: 'remote' },
  response_too_large: { retryable: false, fault: 'remote' },
  invalid_response: { retryable: true, fault: 'remote' },
};

export function httpError(code: HttpErrorCode, message: string): HttpError {
  return { code, message, ...NATURE[code] };
}

export function fail(code: HttpErrorCode, message: string, cause?: unknown): OutboundFailure<HttpErrorCode> {
  return new OutboundFailure(httpError(code, message), { cause });
}

/** What `running` gives, or the signal's reason the moment it fires: undici notices only once it has a connection. */
export function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    running.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}

const CONNECTION_CODES: Readonly<Record<string, HttpErrorCode>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_failed',
  EPIPE: 'connection_failed',
  ENETUNREACH: 'connection_failed',
  EHOSTUNREACH: 'connection_failed',
  EADDRNOTAVAIL: 'connection_failed',
  EPROTO: 'tls_failed',
  ETIMEDOUT: 'connect_timeout',
  ENOTFOUND: 'dns_failed',
  EAI_AGAIN: 'dns_failed',
  EAI_FAIL: 'dns_failed',
  ENODATA: 'dns_failed',
  ESERVFAIL: 'dns_failed',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_SOCKET: 'connection_failed',
  UND_ERR_HEADERS_OVERFLOW: 'response_too_large',
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'invalid_response',
  UND_ERR_RESPONSE: 'invalid_response',
};

const WORDS: Readonly<Partial<Record<HttpErrorCode, string>>> = {
  dns_failed: 'The name could not be resolved',
  connection_refused: 'The connection was refused',
  connection_failed: 'The connection broke',
  connect_timeout: 'No connection within the time allowed',
  tls_failed: 'The TLS connection could not be trusted or established',
  timeout: 'No complete answer within the time allowed',
  invalid_response: 'The answer is not valid HTTP',
  response_too_large: 'The answer has too many headers',
};

/** The parser's words are its own; other messages may hold what the server sent. */
function detailOf(error: Error): string {
  return error instanceof errors.HTTPParserError ? error.message : codeOf(error);
}

function codeOf(error: Error): string {
  // Its own codes come out empty.
  if (error instanceof errors.HTTPParserError) return 'HPE_INVALID';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function classify(code: string): HttpErrorCode | undefined {
  const known = CONNECTION_CODES[code];
  if (known) return known;
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|ERR_OSSL)/.test(code))
    return 'tls_failed';
  return code.startsWith('HPE_') ? 'invalid_response' : undefined;
}

/**
 * Normalises whatever undici, the resolver or the guard threw. Looks through `cause` and the parts of an
 * AggregateError, because a dual-stack connect reports one failure per address.
 */
export function toHttpError(thrown: unknown, target: string): HttpError {
  const seen: unknown[] = [thrown];
  for (let index = 0; index < seen.length && index < 16; index += 1) {
    const error = seen[index];
    if (isFailure(error)) return httpErrorFrom(error);
    if (!(error instanceof Error)) continue;
    const code = classify(codeOf(error));
    if (code) return httpError(code, `${WORDS[code] ?? error.message} (${detailOf(error)}): ${target}`);
    if (error instanceof AggregateError) for (const part of partsOf(error)) seen.push(part);
    if (error.cause !== undefined) seen.push(error.cause);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return httpError('connection_failed', `The request failed: ${message}: ${target}`);
}

function isFailure(error: unknown): error is OutboundFailure {
  return error instanceof OutboundFailure;
}

function partsOf(error: AggregateError): readonly unknown[] {
  return error.errors;
}

function httpErrorFrom(failure: OutboundFailure): HttpError {
  const { code, message } = failure.error;
  return httpError(isHttpErrorCode(code) ? code : 'connection_failed', message);
}

function isHttpErrorCode(code: string): code is HttpErrorCode {
  return code in NATURE;
}

import {
  type CallbackResult,
  type ClaimedCallback,
  type Keyring,
  openText,
  placeOfCallbackHeaders,
  type Queryable,
  readExecution,
} from '@millrace/persistence';
import type { GuardedHttp, HttpErrorCode, HttpResponse } from '@millrace/outbound';
import { createKeySource } from './keys.js';
import { messageOf, signatureHeaders } from './message.js';
import { parseRetryAfter, retryDelaySeconds, type RetrySettings } from './retry.js';

export interface AttemptOptions {
  db: Queryable;
  http: GuardedHttp;
  keyring: Keyring | undefined;
  retry: RetrySettings;
  timeoutMs: number;
}

/** Nothing that waiting would mend: the address itself is at fault. */
const FINAL: ReadonlySet<HttpErrorCode> = new Set([
  'invalid_url',
  'invalid_request',
  'blocked_address',
  'blocked_port',
]);
const GONE = 410;
const MAX_ANSWER_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 300;

/** One call of a receiver, and what is to be done after it. Rejects only when the database is away. */
export function createAttempt({ db, http, keyring, retry, timeoutMs }: AttemptOptions) {
  const keySource = createKeySource(db, keyring);

  function again(attempt: number, status: number | null, error: string, retryAfter?: number): CallbackResult {
    const retrySeconds = retryDelaySeconds(retry, {
      attempt,
      random: Math.random(),
      ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
    });
    return retrySeconds === undefined
      ? { state: 'failed', status, error }
      : { state: 'pending', retrySeconds, status, error };
  }

  function headersOf({ target, workflowId }: ClaimedCallback): Record<string, string> | undefined {
    if (target.sealed_headers === null) return {};
    const opened = keyring && openText(keyring, target.sealed_headers, placeOfCallbackHeaders(workflowId));
    if (opened?.ok !== true) return undefined;
    // Checked when it was sealed, and sealed texts cannot be changed.
    return JSON.parse(opened.text) as Record<string, string>;
  }

  function judge(attempt: number, response: HttpResponse): CallbackResult {
    const { status, headers } = response;
    if (status >= 200 && status < 300) return { state: 'delivered', status, error: null };
    if (status === GONE) {
      return { state: 'failed', status, error: 'the receiver answered 410: it wants no more' };
    }
    const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    const after = headers['retry-after'];
    return again(
      attempt,
      status,
      `the receiver answered ${status}${redirect}${excerptOf(response)}`,
      parseRetryAfter(typeof after === 'string' ? after : undefined, Date.now()),
    );
  }

  return async (callback: ClaimedCallback, signal: AbortSignal): Promise<CallbackResult> => {
    const { executionId, workflowId, target, attempt } = callback;
    const execution = await readExecution(db, executionId);
    if (!execution) return { state: 'failed', status: null, error: 'the execution is no longer stored' };
    const message = messageOf(execution);
    if (!message) return again(attempt, null, 'the execution has not ended');
    if (!target.events.includes(message.status)) return { state: 'skipped', status: null, error: null };
    const signing = await keySource.keysFor({ target, workflowId, ownerId: execution.ownerId });
    if (!signing.ok) return again(attempt, null, signing.reason);
    const headers = headersOf(callback);
    if (!headers) return again(attempt, null, 'the headers cannot be read with SECRETS_KEY');
    const outcome = await http.request({
      method: 'POST',
      url: target.url,
      headers: {
        ...headers,
        'Content-Type': 'application/json',
        ...signatureHeaders(message, signing.keys, Date.now()),
      },
      body: message.body,
      redirects: { follow: false, max: 0 },
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    if (outcome.ok) return judge(attempt, outcome.response);
    const { code, message: words } = outcome.error;
    if (code === 'aborted') {
      return { state: 'pending', retrySeconds: 0, status: null, error: 'the scheduler stopped meanwhile' };
    }
    return FINAL.has(code) ? { state: 'failed', status: null, error: words } : again(attempt, null, words);
  };
}

function excerptOf({ body }: HttpResponse): string {
  if (body === null || body === '') return '';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  // Text columns take no NUL.
  return `: ${text.slice(0, SHOWN_CHARACTERS).replaceAll('\0', '\uFFFD')}`;
}

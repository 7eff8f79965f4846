import type { ExecutionError } from '@millrace/contracts';
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { visibleText } from '../bounded.js';
import { toolError } from '../failures.js';

/** What an exception of the SDK, or of the network below it, says about the server. */
export type McpFailure =
  /** The server answered that it cannot do this; it is well. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'timeout' }
  /** Its session is gone, and so nothing was done. */
  | { readonly kind: 'session_ended' }
  /** Its answer is none of the protocol. */
  | { readonly kind: 'nonsense'; readonly message: string }
  /** Credentials or address are wrong: nothing that waiting mends. */
  | { readonly kind: 'rejected'; readonly message: string }
  | { readonly kind: 'gone'; readonly message: string };

const MAX_MESSAGE = 1_000;
const NO_ANSWER = 'its answer is none of the protocol';
const NONSENSE = new Set<string>([
  SdkErrorCode.UnsupportedResultType,
  SdkErrorCode.ListPaginationExceeded,
  SdkErrorCode.ClientHttpUnexpectedContent,
  SdkErrorCode.EraNegotiationFailed,
]);

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return visibleText(String(error), MAX_MESSAGE);
  const { cause } = error;
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return visibleText(error.message + reason, MAX_MESSAGE);
}

function ofHttp({ status }: SdkHttpError): McpFailure {
  // What the server says beside it is left out: it may repeat what it was sent, tokens too.
  const message = `answered with the HTTP status ${status}`;
  if (status === 404) return { kind: 'session_ended' };
  const isPassing = status === 408 || status === 429 || status >= 500;
  return isPassing ? { kind: 'gone', message } : { kind: 'rejected', message };
}

export function failureOf(error: unknown): McpFailure {
  if (error instanceof ProtocolError) return { kind: 'refused', message: wordsOf(error) };
  if (error instanceof SdkHttpError) return ofHttp(error);
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) return { kind: 'timeout' };
  // What was found wrong quotes the answer and fills a page.
  if (error instanceof SdkError && error.code === SdkErrorCode.InvalidResult)
    return { kind: 'nonsense', message: NO_ANSWER };
  if (error instanceof SdkError && NONSENSE.has(error.code))
    return { kind: 'nonsense', message: wordsOf(error) };
  if (error instanceof Error && error.name.endsWith('ZodError'))
    return { kind: 'nonsense', message: NO_ANSWER };
  // A stack overflow: the SDK's schemas follow an answer downwards.
  if (error instanceof RangeError) return { kind: 'nonsense', message: 'its answer is nested too deeply' };
  return { kind: 'gone', message: wordsOf(error) };
}

/** The server cannot be used: the step fails, and where waiting may help it is tried again. */
export function unavailableError(server: string, message: string, retryable = true): ExecutionError {
  const words = `The MCP server "${server}" cannot be used: ${message}`;
  return toolError('mcp_unavailable', words, { fault: retryable ? 'remote' : 'platform', retryable });
}

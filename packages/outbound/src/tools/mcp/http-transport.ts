import type { McpHttpServer } from '@millrace/contracts';
import {
  type FetchLike,
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  parseJSONRPCMessage,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { TransportHooks } from './transport.js';

/** A stream that breaks off is resumed no faster than this, whatever the server asks for. */
const MIN_RESUME_MS = 250;
const MAX_RESUME_MS = 10_000;
const MAX_RESUMES = 20;
const PARSE_MS = 100;
/** Statuses whose answers have no body. */
const BODILESS = new Set([101, 204, 205, 304]);

/** Of a request of the client; the probe for the protocol's version, whose id is a text, has a time limit of its own. */
function requestOf(body: unknown): number | undefined {
  if (typeof body !== 'string') return undefined;
  const message = parseJSONRPCMessage(JSON.parse(body));
  return 'method' in message && 'id' in message && typeof message.id === 'number' ? message.id : undefined;
}

/**
 * A server over streamable HTTP. What is added to the SDK's transport: every answer is bounded in size and time, a
 * stream that ends without the answer and cannot be resumed ends the connection instead of waiting for a time limit,
 * and no stream stands open between calls (a list of tools is refreshed by its age).
 */
export function createHttpTransport(
  server: McpHttpServer,
  { onLost }: TransportHooks,
): StreamableHTTPClientTransport {
  /** Requests without an answer, and whether their stream can be resumed. */
  const open = new Map<number, { isResumable: boolean }>();
  const maxAnswerMs = server.timeout_seconds * 1_000 + 5_000;
  let resumes = 0;

  /** Passes an answer on, as long as it is neither too long nor cut. */
  function watched(body: ReadableStream<Uint8Array>, request: number | undefined): ReadableStream {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let bytes = 0;
    const ended = (): void => {
      const state = request === undefined ? undefined : open.get(request);
      // An answer that came last is still on its way through the parser.
      if (state !== undefined && !state.isResumable) setTimeout(lostIfOpen, PARSE_MS, request).unref();
    };
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            ended();
            controller.close();
            return;
          }
          bytes += value.byteLength;
          if (bytes > MAX_MESSAGE_BYTES) {
            await reader.cancel();
            onLost({ kind: 'too_large', message: `answered with more than ${MAX_MESSAGE_BYTES} bytes` });
            controller.error(new Error('The answer is too long'));
            return;
          }
          const state = request === undefined ? undefined : open.get(request);
          if (state !== undefined && /^id:/m.test(decoder.decode(value))) state.isResumable = true;
          controller.enqueue(value);
        } catch (error) {
          ended();
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }

  function lostIfOpen(request: number | undefined): void {
    if (request !== undefined && open.delete(request))
      onLost({ kind: 'gone', message: 'ended its answer before it was complete' });
  }

  const boundedFetch: FetchLike = async (url, init) => {
    const method = init?.method ?? 'GET';
    const isResumed = new Headers(init?.headers).has('last-event-id');
    // A stream for news between calls would stand open for ever; the SDK takes this for a server that has none.
    if (method === 'GET' && !isResumed) return new Response(null, { status: 405 });
    const request = requestOf(init?.body);
    const deadline = AbortSignal.timeout(maxAnswerMs);
    if (request !== undefined) {
      open.set(request, { isResumable: false });
      deadline.addEventListener('abort', () => open.delete(request));
    }
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const response = await fetch(url, { ...init, signal });
    const { ok, status, statusText, headers, body } = response;
    // The SDK makes an error of it, and reads its words.
    if (!ok && request !== undefined) open.delete(request);
    if (body === null || BODILESS.has(status)) return response;
    return new Response(watched(body, request), { status, statusText, headers });
  };

  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    requestInit: { headers: server.headers },
    fetch: boundedFetch,
    reconnectionOptions: {
      initialReconnectionDelay: MIN_RESUME_MS,
      maxReconnectionDelay: MAX_RESUME_MS,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 4,
    },
    reconnectionScheduler(resume, delayMs) {
      // Nobody waits for it any more, or the server plays with us.
      if (open.size === 0) return;
      resumes += 1;
      if (resumes > MAX_RESUMES) {
        onLost({ kind: 'flooded', message: `broke off its answer ${MAX_RESUMES} times` });
        return;
      }
      const timer = setTimeout(resume, Math.min(MAX_RESUME_MS, Math.max(MIN_RESUME_MS, delayMs)));
      return () => {
        clearTimeout(timer);
      };
    },
  });
  // The client adds its own handler to this one.
  transport.onmessage = (message) => {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (!isAnswer || typeof message.id !== 'number') return;
    open.delete(message.id);
    resumes = 0;
  };
  return transport;
}

import { createParser } from 'eventsource-parser';
import { ApiProblem } from '../errors.js';
import { asError } from '../http/deadline.js';
import { isPassing } from '../http/retry.js';
import type { Transport } from '../http/transport.js';
import type { Closing, Connect } from './connection.js';
import { parseFrame } from './frames.js';
import { createInbox, type Inbox } from './inbox.js';

export interface SseSettings {
  readonly transport: Transport;
  /** A stream without a byte for this long is dead; the server sends comments in between. */
  readonly idleMs: number;
  readonly bufferLimit: number;
  readonly validate: boolean;
}

/** Connects the SSE form of an execution's log. The transport sends and renews the token by itself. */
export function sseConnector(settings: SseSettings, eventsPath: string): Connect {
  return (position) => {
    const inbox = createInbox(settings.bufferLimit);
    const controller = new AbortController();
    const lastSeq = position.kind === 'execution' ? position.lastSeq : 0;
    const finish = (closing: Closing): void => {
      inbox.end(closing);
      controller.abort();
    };
    void receive(settings, eventsPath, lastSeq, inbox, controller.signal).catch(closingOfError).then(finish);
    return {
      next: () => inbox.next(),
      // There is nothing to say on a one-way stream.
      send: () => undefined,
      close: () => finish({ why: 'lost', reason: 'closed by this side' }),
    };
  };
}

async function receive(
  settings: SseSettings,
  eventsPath: string,
  lastSeq: number,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<Closing> {
  const response = await settings.transport.open(
    {
      method: 'GET',
      path: eventsPath,
      query: { after_seq: lastSeq },
      headers: { accept: 'text/event-stream', 'last-event-id': String(lastSeq) },
    },
    signal,
  );
  if (response.status === 204) return { why: 'finished' };
  if (response.body === null) return { why: 'lost', reason: 'the answer has no body' };

  let overflow = false;
  let failure: Error | undefined;
  const parser = createParser({
    onEvent: ({ data }) => {
      try {
        const frame = parseFrame(data, settings.validate);
        if (frame !== undefined && !inbox.push(frame)) overflow = true;
      } catch (error) {
        failure = asError(error);
      }
    },
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const chunk = await orIdle(reader.read(), settings.idleMs);
      if (chunk === undefined) return { why: 'lost', reason: 'the server fell silent' };
      if (chunk.done) return { why: 'lost', reason: 'the server ended the stream' };
      parser.feed(chunk.value);
      if (failure !== undefined) return { why: 'refused', error: failure };
      if (overflow) return { why: 'too_slow' };
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** undefined when the time passes first. */
function orIdle<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function closingOfError(error: unknown): Closing {
  if (error instanceof ApiProblem && !isPassing(error) && error.status < 500) {
    // 401 included: the transport has renewed the token already, as far as it could.
    return { why: 'refused', error };
  }
  const retryAfter = error instanceof ApiProblem ? error.retryAfter : undefined;
  return {
    why: 'lost',
    reason: asError(error).message,
    retryAfterMs: retryAfter === undefined ? undefined : retryAfter * 1000,
  };
}

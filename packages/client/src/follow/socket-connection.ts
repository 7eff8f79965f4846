import { CLOSE_CODES } from '@millrace/contracts';
import { asError } from '../http/deadline.js';
import { problemOf, StreamRefused } from '../errors.js';
import type { OpenSocket, SocketRefusal } from '../socket/port.js';
import type { Closing, Connect } from './connection.js';
import { parseFrame } from './frames.js';
import { createInbox } from './inbox.js';

export interface SocketSettings {
  readonly openSocket: OpenSocket;
  /** A ping goes out this often; a peer silent for a whole interval after one is dead. */
  readonly heartbeatMs: number;
  readonly bufferLimit: number;
  readonly validate: boolean;
}

/** Connects a stream over WebSocket; `urlOf` gives its address with the query for the position. */
export function socketConnector(
  settings: SocketSettings,
  urlOf: (query: Readonly<Record<string, string>>) => string,
): Connect {
  return (position, token) => {
    const inbox = createInbox(settings.bufferLimit);
    let opened = false;
    let heard = true;

    const finish = (closing: Closing): void => {
      clearInterval(timer);
      inbox.end(closing);
    };
    const giveUp = (closing: Closing): void => {
      finish(closing);
      socket.abandon();
    };
    const beat = (): void => {
      if (!heard) {
        giveUp({
          why: 'lost',
          reason: opened ? 'the server fell silent' : 'the connection did not open in time',
        });
        return;
      }
      heard = false;
      socket.send('ping');
    };

    const timer = setInterval(beat, settings.heartbeatMs);
    const query =
      position.kind === 'execution'
        ? { execution_id: position.executionId, last_seq: String(position.lastSeq) }
        : {};
    const socket = settings.openSocket(urlOf(query), token, {
      onOpen: () => {
        opened = true;
        heard = true;
        if (position.kind !== 'workflow') return;
        const { since, executions } = position;
        socket.send(JSON.stringify({ type: 'resume', since, executions }));
      },
      onMessage: (text) => {
        heard = true;
        try {
          const frame = parseFrame(text, settings.validate);
          if (frame !== undefined && !inbox.push(frame)) giveUp({ why: 'too_slow' });
        } catch (error) {
          giveUp({ why: 'refused', error: asError(error) });
        }
      },
      onClose: ({ code, reason, refusal }) => finish(closingOf(code, reason, refusal, opened)),
    });
    return {
      next: () => inbox.next(),
      send: (frame) => socket.send(JSON.stringify(frame)),
      close: () => {
        finish({ why: 'lost', reason: 'closed by this side' });
        socket.close();
      },
    };
  };
}

function closingOf(
  code: number,
  reason: string,
  refusal: SocketRefusal | undefined,
  opened: boolean,
): Closing {
  if (refusal !== undefined) return refusalClosing(refusal);
  switch (code) {
    case CLOSE_CODES.normal:
      return { why: 'finished' };
    case CLOSE_CODES.tooSlow:
      return { why: 'too_slow' };
    case CLOSE_CODES.tokenExpired:
      return { why: 'unauthorized', error: new StreamRefused(code, reason || 'The access token expired') };
    case CLOSE_CODES.forbidden:
      return { why: 'refused', error: new StreamRefused(code, reason || 'Access was withdrawn') };
    default:
      return { why: 'lost', reason: reason || `the connection closed (${code})`, unexplained: !opened };
  }
}

/** An HTTP answer in place of the upgrade. */
function refusalClosing({ status, headers, body }: SocketRefusal): Closing {
  const error = problemOf(status, headers, body);
  if (status === 401) return { why: 'unauthorized', error };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return { why: 'refused', error };
  const retryAfterMs = error.retryAfter === undefined ? undefined : error.retryAfter * 1000;
  return { why: 'lost', reason: error.detail, retryAfterMs };
}

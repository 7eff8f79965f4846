/** A WebSocket client that keeps everything it was sent. */
import { WebSocket } from 'ws';
import { eventually } from '../../../support/poll.js';
import { Json } from '../../../support/http.js';

export interface ClientOptions {
  /** As `Authorization: Bearer`; null sends none. */
  token?: string | null;
  query?: Record<string, string>;
  protocols?: string[];
  headers?: Record<string, string>;
}

export interface Refusal {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
}

export interface StreamClient {
  readonly socket: WebSocket;
  /** Everything that came, in order. */
  readonly frames: Json[];
  /** Resolves with the first frame; rejects when the socket is refused. */
  connected(): Promise<Json>;
  /** Resolves when the upgrade was answered by plain HTTP. */
  refused(): Promise<Refusal>;
  closed(): Promise<{ code: number; reason: string }>;
  /** The first frame of that type, waited for. */
  frame(type: string): Promise<Json>;
  send(frame: object | string): void;
  /** Seqs of events by execution (`exec_…`), in the order they came. */
  seqs(): Map<string, number[]>;
  terminate(): void;
}

export function connect(url: string, id: string, options: ClientOptions = {}): StreamClient {
  const { token, query = {}, protocols = [], headers = {} } = options;
  const address = new URL(`/api/v1/ws/executions/${id}`, url.replace(/^http/, 'ws'));
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const socket = new WebSocket(address, protocols, {
    headers: { ...(typeof token === 'string' && { authorization: `Bearer ${token}` }), ...headers },
  });
  const frames: Json[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const refused = new Promise<Refusal>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = new Json(text === '' ? undefined : JSON.parse(text));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        socket.terminate();
      });
    });
  });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    frames.push(new Json(JSON.parse(data.toString())));
  });
  const frame = (type: string): Promise<Json> =>
    eventually(
      () => {
        const found = frames.find((candidate) => candidate.at('type') === type);
        if (found === undefined) {
          throw new Error(`only ${frames.map((other) => String(other.at('type'))).join(', ')}`);
        }
        return found;
      },
      { description: `a frame of type ${type}` },
    );
  return {
    socket,
    frames,
    connected: () =>
      Promise.race([
        frame('connected'),
        refused.then(({ status, body }) => {
          throw new Error(`refused with ${status}: ${JSON.stringify(body.value)}`);
        }),
      ]),
    refused: () => refused,
    closed: () => closed,
    frame,
    send: (message) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    seqs() {
      const seqs = new Map<string, number[]>();
      for (const sent of frames) {
        const seq = sent.at('seq');
        if (typeof seq !== 'number') continue;
        const id = sent.text('execution_id');
        seqs.set(id, [...(seqs.get(id) ?? []), seq]);
      }
      return seqs;
    },
    terminate: () => socket.terminate(),
  };
}

/** 1 to `last`, as every client has to see it. */
export function upTo(last: number, from = 1): number[] {
  return Array.from({ length: last - from + 1 }, (_, index) => from + index);
}

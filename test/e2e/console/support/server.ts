import type { ServerResponse } from 'node:http';
import { startReceiver, type Receiver } from '../../../support/receiver.js';

/** A server that steps call and that answers when the test lets it: so long the step runs. */
export interface HeldServer {
  readonly receiver: Receiver;
  /** The address of a path whose calls are kept waiting. */
  hold(path: string): string;
  /** Answers what waits at the path with 200, and from now on whatever comes. */
  release(path: string): void;
}

export async function startHeldServer(): Promise<HeldServer> {
  const receiver = await startReceiver();
  const waiting = new Map<string, ServerResponse[]>();
  const finish = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}');
  };
  return {
    receiver,
    hold(path) {
      const held: ServerResponse[] = [];
      waiting.set(path, held);
      receiver.answer(path, (response) => held.push(response));
      return `${receiver.url}${path}`;
    },
    release(path) {
      receiver.answer(path, finish);
      for (const response of waiting.get(path) ?? []) finish(response);
      waiting.delete(path);
    },
  };
}

/** Why a socket never opened, as far as the runtime tells: browsers do not. */
export interface SocketRefusal {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly body: string;
}

export interface SocketEvents {
  onOpen(): void;
  onMessage(text: string): void;
  /** Exactly once, the last event, whether or not the socket ever opened. */
  onClose(end: { code: number; reason: string; refusal?: SocketRefusal | undefined }): void;
}

export interface Socket {
  /** Dropped silently when the socket is not open. */
  send(text: string): void;
  /** Says goodbye with 1000 where the runtime can; never waits for a dead peer. `onClose` still follows. */
  close(): void;
  /** Gives up on a dead peer at once. */
  abandon(): void;
}

/**
 * Opens a WebSocket with the bearer token; must not throw for a server that cannot be reached (`onClose` tells).
 * Inject an own one as `createClient({ openSocket })` for runtimes that have neither `ws` nor a WebSocket.
 */
export type OpenSocket = (url: string, token: string | undefined, events: SocketEvents) => Socket;

import type { Transport } from '@modelcontextprotocol/client';

/** Why a connection ended that nobody closed. `message` continues a sentence that begins with the server's name. */
export interface Loss {
  /** `too_large` and `flooded` are the server's doing and say nothing of whether it can be reached. */
  readonly kind: 'gone' | 'too_large' | 'flooded';
  readonly message: string;
}

export interface TransportHooks {
  /** Once at most, before the transport's own `onclose`. */
  onLost(loss: Loss): void;
  /** A line that the server's program printed to its standard error. */
  onPrinted(line: string): void;
}

export type CreateTransport = (hooks: TransportHooks) => Transport;

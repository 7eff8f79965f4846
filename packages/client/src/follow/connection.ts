import type { ClientFrame, ServerFrame } from '@millrace/contracts';

/** Why a connection is over, in terms of what to do next. */
export type Closing =
  /** The server has said everything there is. */
  | { readonly why: 'finished' }
  /** The token was refused or ran out: renew it and come back. */
  | { readonly why: 'unauthorized'; readonly error: Error }
  /** No use coming back. */
  | { readonly why: 'refused'; readonly error: Error }
  /** This side or the other could not keep up: come back at once with the last seq. */
  | { readonly why: 'too_slow' }
  /** Anything else. `unexplained`: it never opened and the runtime does not say why, so it may have been a refusal. */
  | {
      readonly why: 'lost';
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
      readonly unexplained?: boolean;
    };

export type Arrival = { readonly frame: ServerFrame } | { readonly closed: Closing };

export interface Connection {
  /** The next frame in order of arrival; after the last one, and for ever then, why it is over. Never rejects. */
  next(): Promise<Arrival>;
  send(frame: ClientFrame): void;
  /** Tolerates being called twice. */
  close(): void;
}

/** What the consumer has, so that the server can continue from there. */
export type Position =
  | { readonly kind: 'execution'; readonly executionId: string; readonly lastSeq: number }
  | { readonly kind: 'live' }
  | {
      readonly kind: 'workflow';
      readonly since: string;
      readonly executions: Readonly<Record<string, number>>;
    };

export type Connect = (position: Position, token: string | undefined) => Connection;

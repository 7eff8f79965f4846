/**
 * Who has to act so that a failure goes away (the words of the `Fault` of the contracts, without `caller`):
 * `workflow` the author of the step (bad URL, blocked address, unusable input),
 * `remote` the service that was called, `platform` this installation (its network, its keys).
 */
export type Fault = 'workflow' | 'remote' | 'platform';

/** A failure as a value. `message` is safe to show and to store: it never carries a secret or a stack. */
export interface OutboundError<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  /** Whether the same request may succeed later without anybody changing it. */
  readonly retryable: boolean;
  readonly fault: Fault;
}

/** Carries an {@link OutboundError} through code that can only throw; never leaves this package. */
export class OutboundFailure<Code extends string = string> extends Error {
  readonly error: OutboundError<Code>;

  constructor(error: OutboundError<Code>, options?: ErrorOptions) {
    super(error.message, options);
    this.name = 'OutboundFailure';
    this.error = error;
  }
}

/** Every way in which a caller can misuse the engine. None of them is an outcome of a workflow: those are values. */
export type EngineErrorCode =
  | 'illegal_move'
  | 'illegal_event'
  | 'sequence_gap'
  | 'unknown_step'
  | 'branch_missing'
  | 'bad_snapshot'
  | 'stuck';

/** A broken rule of SPEC.md, named by `rule` (`S3`), so that a log line leads to the sentence that forbids it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    readonly rule: string,
    message: string,
  ) {
    super(`${message} (rule ${rule})`);
  }
}

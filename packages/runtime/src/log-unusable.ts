/** The log cannot be folded by this build, or a part of it is missing. */
export class LogUnusableError extends Error {
  override readonly name = 'LogUnusableError';
}

/** The part of a pino logger that messaging needs; keys follow the platform's log vocabulary. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

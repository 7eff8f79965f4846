import pino, { type DestinationStream, type Logger } from 'pino';
import { redact, redactLine, serializeError } from './redaction.js';

export type { Logger };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** Of the process: `gateway`, `worker`. Becomes the key `service` of every line. */
  service: string;
  level?: LogLevel;
  /** Default is stdout, written at once so that the last words of a dying process are not lost. */
  destination?: DestinationStream;
}

/**
 * JSON lines: `time` as ISO text, `level` as a word, `service`, `message`, and the fields of CONTRIBUTING's vocabulary
 * (`execution_id`, `duration_ms`, …). An Error goes under `error`. Secrets are removed by the name of their key at any
 * depth, and out of URLs and authorization values by their shape anywhere in the line.
 */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    messageKey: 'message',
    errorKey: 'error',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      bindings: redact,
      log: redact,
    },
    serializers: { error: serializeError, err: serializeError },
    hooks: { streamWrite: redactLine },
  };
  return pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
}

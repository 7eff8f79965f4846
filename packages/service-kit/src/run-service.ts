import { loadConfig } from './config/load.js';
import { loggingConfig, serviceConfig } from './config/sections.js';
import { createLogger, type Logger } from './logger.js';
import { explainStartFailure } from './start-failure.js';

export interface ServiceContext {
  log: Logger;
  /** Time the process has between the first signal and its end; the budget for draining. */
  drainSeconds: number;
}

export interface ServiceOptions {
  /** `gateway`, `worker`: in every log line and in the sentence of a failed start. */
  name: string;
  /** Brings the service up, and answers with what takes it down; resolves when it is ready. */
  start(context: ServiceContext): Promise<{ stop(): Promise<void> }>;
}

type Reason = 'SIGTERM' | 'SIGINT' | 'parent gone';

/**
 * The whole life of a service's process; call it once, as the last word of `main.ts`.
 *
 * SIGTERM, SIGINT or the end of the parent that holds an IPC channel stop the service once, within DRAIN_SECONDS, and
 * the process exits with 0 (1 when stopping failed or ran out of time). A second signal exits at once. A start that
 * fails prints one plain sentence to stderr and exits with 1; a stack is shown only of what nobody expected. Uncaught
 * exceptions and unhandled rejections are logged and exit with 1: what they left behind is unknown.
 */
export async function runService({ name, start }: ServiceOptions): Promise<void> {
  const signal = listenForSignals();
  let running: { stop(): Promise<void> };
  let context: ServiceContext;
  try {
    const { logging, service } = loadConfig({ logging: loggingConfig, service: serviceConfig });
    const log = createLogger({ service: name, level: logging.level });
    exitOnCrash(log);
    context = { log, drainSeconds: service.drainSeconds };
    running = await start(context);
  } catch (error) {
    sayStartFailure(name, error);
    process.exit(1);
  }
  context.log.info('started');
  const reason = await signal;
  process.exit(await drain(running, context, reason));
}

function listenForSignals(): Promise<Reason> {
  return new Promise((resolve) => {
    let asked = false;
    const receive = (reason: Reason): void => {
      if (asked) process.exit(reason === 'SIGINT' ? 130 : 143);
      asked = true;
      resolve(reason);
    };
    process.on('SIGTERM', () => {
      receive('SIGTERM');
    });
    process.on('SIGINT', () => {
      receive('SIGINT');
    });
    if (process.connected) {
      process.once('disconnect', () => {
        if (!asked) receive('parent gone');
      });
    }
  });
}

async function drain(
  running: { stop(): Promise<void> },
  { log, drainSeconds }: ServiceContext,
  reason: Reason,
): Promise<number> {
  const began = performance.now();
  log.info({ reason, drain_seconds: drainSeconds }, 'stopping');
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, drainSeconds * 1_000, 'late');
  });
  try {
    const outcome = await Promise.race([running.stop(), deadline]);
    const duration_ms = Math.round(performance.now() - began);
    if (outcome === 'late') {
      log.error({ duration_ms }, 'not stopped within DRAIN_SECONDS, ending anyway');
      return 1;
    }
    log.info({ duration_ms }, 'stopped');
    return 0;
  } catch (error) {
    log.error({ error }, 'stopping failed');
    return 1;
  } finally {
    clearTimeout(timer);
  }
}

function exitOnCrash(log: Logger): void {
  const crash = (message: string) => (error: unknown) => {
    log.fatal({ error: error instanceof Error ? error : new Error(String(error)) }, message);
    process.exit(1);
  };
  process.on('uncaughtException', crash('uncaught exception'));
  process.on('unhandledRejection', crash('unhandled rejection'));
}

function sayStartFailure(name: string, error: unknown): void {
  const plain = explainStartFailure(error);
  if (plain !== undefined) {
    process.stderr.write(`millrace ${name}: ${plain}\n`);
    return;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`millrace ${name} could not start, for an unexpected reason:\n${stack}\n`);
}

/**
 * The contract of everything long-lived. `start` resolves when the thing works and may be called again while it runs;
 * `stop` resolves when nothing of it is left, tolerates never-started and twice, and waits for a start under way.
 * One life only: starting a stopped thing is refused.
 */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The two halves of a life, each called once at most; `stop` only after `start` succeeded. */
export interface LifecycleSteps {
  /** Has to clean up after itself when it fails. */
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}

/** Gives two plain functions the manners of a Lifecycle, so that no implementation has to repeat them. */
export function createLifecycle(steps: LifecycleSteps): Lifecycle {
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  async function stopAfterStart(): Promise<void> {
    if (starting === undefined) return;
    const started = await starting.then(
      () => true,
      () => false,
    );
    if (started) await steps.stop();
  }

  return {
    start() {
      if (stopping !== undefined)
        return Promise.reject(new Error('Already stopped: make a new one to start again'));
      starting ??= (async () => {
        await steps.start();
      })();
      return starting;
    },
    stop() {
      stopping ??= stopAfterStart();
      return stopping;
    },
  };
}

/**
 * One life for several things: started in order, stopped in reverse order. When one fails to start, those before it
 * are stopped and the failure is thrown. Stopping goes on past a failure and then throws it (an AggregateError of many).
 */
export function composeLifecycles(...parts: readonly Lifecycle[]): Lifecycle {
  return createLifecycle({
    async start() {
      const started: Lifecycle[] = [];
      for (const part of parts) {
        started.push(part);
        try {
          await part.start();
        } catch (error) {
          await stopAll(started).catch((stopError: unknown) => {
            throw new AggregateError([error, stopError], messageOf(error));
          });
          throw error;
        }
      }
    },
    stop: () => stopAll(parts),
  });
}

async function stopAll(parts: readonly Lifecycle[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    await part.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('; '));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once after one that nobody has heard, or after the time. One waiter at a time. */
  wait(ms: number): Promise<void>;
}

/** A wake-up that is never missed: ringing while nobody waits counts for the next wait. */
export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}

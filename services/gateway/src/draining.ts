/** Tells long answers that the process is about to end. */
export interface Draining {
  readonly signal: AbortSignal;
  begin(): void;
}

export function createDraining(): Draining {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    begin: () => {
      controller.abort();
    },
  };
}

import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => each());
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function current(): number {
  // Before the first tick what is stored may be old.
  if (timer === undefined) now = Date.now();
  return now;
}

/** Milliseconds since 1970, renewed every second by one timer for the whole page. */
export const useNow = (): number => useSyncExternalStore(subscribe, current);

/** The longest a timer of Node can wait, milliseconds: 24.8 days. A longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls once after `ms`, however long that is. Answers with what stops it. `longestMs` is a test's to say. */
export function startTimer(ms: number, action: () => void, longestMs = LONGEST_MS): () => void {
  const end = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = end - performance.now();
    timer = left > longestMs ? setTimeout(wait, longestMs) : setTimeout(action, Math.max(0, left));
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}

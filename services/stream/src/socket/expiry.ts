/** The longest a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls once when the moment has come, at once for one that is past. Null never comes. Answers with what cancels it. */
export function atMoment(moment: Date | null, action: () => void): () => void {
  if (moment === null) return () => undefined;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = moment.getTime() - Date.now();
    timer = left > MAX_TIMER_MS ? setTimeout(wait, MAX_TIMER_MS) : setTimeout(action, Math.max(0, left));
    timer.unref();
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}

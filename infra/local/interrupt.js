/** Ctrl-C and SIGTERM: once to stop, twice to hurry. */

/** Thrown out of whatever was being waited for when a stop was asked. */
export class Interrupted extends Error {}

/**
 * @typedef {object} Interrupt
 * @property {Promise<void>} asked resolves when a stop was asked
 * @property {<T>(work: Promise<T>) => Promise<T>} during waits for the work, or throws {@link Interrupted}
 * @property {(hurry: () => void) => void} onHurry what a second signal does
 */

/** npm passes on a signal that the terminal sent to both: the second of such a pair is not a second wish. */
const samePressMs = 700;

/** @returns {Interrupt} */
export function listenForInterrupt() {
  let askedAt = 0;
  let hurry = () => {};
  /** @type {() => void} */
  let resolveAsked = () => {};
  /** @type {Promise<void>} */
  const asked = new Promise((resolve) => (resolveAsked = resolve));
  const interrupted = asked.then(() => {
    throw new Interrupted('asked to stop');
  });
  interrupted.catch(() => {});
  const onSignal = () => {
    if (askedAt === 0) {
      askedAt = performance.now();
      resolveAsked();
    } else if (performance.now() - askedAt > samePressMs) hurry();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, onSignal);
  return {
    asked,
    during: (work) => Promise.race([work, interrupted]),
    onHurry: (act) => {
      hurry = act;
    },
  };
}

import { hash, verify } from '@node-rs/argon2';
import { unavailable } from '@millrace/service-kit';
import { createLimiter } from '../limiter.js';

/** Argon2id as OWASP recommends: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const AT_ONCE = 2;
const IN_LINE = 200;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** False also without a stored hash, after the same time as with one: nobody can tell which users exist. */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /**
   * Runs a log-in when it is its turn. Two at a time, which bounds their memory and the guesses that can slip past the
   * throttle while earlier ones are still counted; 503 when 200 are in line.
   */
  inTurn<T>(logIn: () => Promise<T>): Promise<T>;
}

export function createPasswords(): Passwords {
  const logIns = createLimiter({ places: AT_ONCE, waiting: IN_LINE, full: tooMany });
  const hashing = createLimiter({ places: AT_ONCE, waiting: IN_LINE, full: tooMany });
  const compute = (password: string): Promise<string> => hashing.run(() => hash(password, PARAMETERS));

  // Made now, so that the first unknown user takes no longer than the others.
  const decoy = compute('nobody has this password');

  return {
    hash: compute,
    async verify(stored, password) {
      const against = stored ?? (await decoy);
      const matches = await hashing.run(() => verify(against, password));
      return matches && stored !== undefined;
    },
    inTurn: (logIn) => logIns.run(logIn),
  };
}

function tooMany(): Error {
  return unavailable('Too many log-ins at this moment. Try again shortly.', undefined, 1);
}

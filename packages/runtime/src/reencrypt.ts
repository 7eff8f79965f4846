import { type Keyring, REENCRYPTION_TASKS, type ReencryptionTask } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

type Context = Pick<RuntimeContext, 'db' | 'keyring' | 'log'>;

/**
 * Brings everything encrypted under the current key, batch by batch from the lowest id, and then over again: values may
 * be set with an older key as long as one gateway has it. Answers how many it changed; nothing without a key.
 */
export function createReencryption(context: Context): () => Promise<number> {
  const { keyring } = context;
  if (keyring === undefined) return () => Promise.resolve(0);
  const passes = REENCRYPTION_TASKS.map((task) => createPass(task, keyring, context));
  return async () => {
    let done = 0;
    for (const nextBatch of passes) done += await nextBatch();
    return done;
  };
}

/** Goes through one kind of value, a batch a call. What no key opens is told once, not every minute. */
function createPass(
  { name, run }: ReencryptionTask,
  keyring: Keyring,
  { db, log }: Pick<Context, 'db' | 'log'>,
): () => Promise<number> {
  let after: string | null = null;
  let unreadable = 0;
  let told = 0;

  return async () => {
    const batch = await run(db, keyring, after);
    after = batch.next;
    unreadable += batch.unreadable;
    if (batch.done > 0) log.info({ what: name, values: batch.done }, 're-encrypted under the current key');
    if (after !== null) return batch.done;
    if (unreadable > 0 && unreadable !== told) {
      const advice = 'no key opens these: add their key to SECRETS_PREVIOUS_KEYS, or set them again';
      log.warn({ what: name, values: unreadable }, advice);
    }
    told = unreadable;
    unreadable = 0;
    return batch.done;
  };
}

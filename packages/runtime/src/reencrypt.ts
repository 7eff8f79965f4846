import { reencryptSecrets } from '@millrace/persistence';
import type { RuntimeContext } from './context.js';

/**
 * Brings secrets under the current key, batch by batch from the lowest id, and then over again: values may be set with
 * an older key as long as one gateway has it. Answers how many it changed; nothing without a key.
 */
export function createReencryption({
  db,
  keyring,
  log,
}: Pick<RuntimeContext, 'db' | 'keyring' | 'log'>): () => Promise<number> {
  let after: string | null = null;
  let unreadable = 0;
  let told = 0;

  return async () => {
    if (keyring === undefined) return 0;
    const batch = await reencryptSecrets(db, keyring, after);
    after = batch.next;
    unreadable += batch.unreadable;
    if (batch.done > 0) log.info({ secrets: batch.done }, 're-encrypted secrets under the current key');
    if (after === null) {
      if (unreadable > 0 && unreadable !== told) {
        log.warn(
          { secrets: unreadable },
          'secrets that no key opens: add their key to SECRETS_PREVIOUS_KEYS, or set them again',
        );
      }
      told = unreadable;
      unreadable = 0;
    }
    return batch.done;
  };
}

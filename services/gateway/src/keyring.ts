import type { Keyring } from '@millrace/persistence';
import { unavailable } from '@millrace/service-kit';

/** What secrets are encrypted with. Throws 503 where the operator has given this installation no key. */
export function requireKeyring(keyring: Keyring | undefined): Keyring {
  if (keyring) return keyring;
  throw unavailable('Secrets cannot be stored: the operator has to set SECRETS_KEY first.');
}

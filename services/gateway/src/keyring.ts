import type { Keyring } from '@millrace/persistence';
import { conflict } from '@millrace/service-kit';

/** What secrets are encrypted with. Throws 409 where the operator has given this installation no key. */
export function requireKeyring(keyring: Keyring | undefined): Keyring {
  if (keyring) return keyring;
  throw conflict('Secrets cannot be stored: the operator of this installation has to set SECRETS_KEY');
}

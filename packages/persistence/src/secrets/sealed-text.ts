import type { Keyring, Opened, Place } from './keyring.js';

/** A sealed text as one text, for rows that have several or few: key id, nonce, ciphertext and tag. */
export function sealText(keyring: Keyring, text: string, place: Place): string {
  const { keyId, nonce, ciphertext, tag } = keyring.seal(text, place);
  return [keyId, ...[nonce, ciphertext, tag].map((part) => part.toString('base64url'))].join('.');
}

export function openText(keyring: Keyring, sealed: string, place: Place): Opened {
  const [keyId, nonce, ciphertext, tag, ...rest] = sealed.split('.');
  if (keyId === undefined || nonce === undefined || ciphertext === undefined || tag === undefined) {
    return { ok: false, reason: 'damaged' };
  }
  if (rest.length > 0) return { ok: false, reason: 'damaged' };
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  return keyring.open({ keyId, nonce: bytes(nonce), ciphertext: bytes(ciphertext), tag: bytes(tag) }, place);
}

/** The secret that a webhook's senders sign with. */
export function placeOfWebhookSecret(webhookId: string): Place {
  return ['webhook', webhookId];
}

/** The secret that a workflow's callbacks are signed with. */
export function placeOfSigningSecret(workflowId: string): Place {
  return ['callback signing', workflowId];
}

/** Headers of a callback. They are sealed before the execution has an id. */
export function placeOfCallbackHeaders(workflowId: string): Place {
  return ['callback headers', workflowId];
}

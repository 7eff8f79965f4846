import type { CallbackTarget } from '@millrace/contracts';
import {
  type Keyring,
  offerSigningSecret,
  openText,
  placeOfSigningSecret,
  type Queryable,
  readOwnerSecrets,
  readSigningSecrets,
  sealText,
} from '@millrace/persistence';
import { generateSigningSecret, signingKey } from '@millrace/service-kit';

/** The keys a message is signed with, or why there is none: something a person has to mend. */
export type SigningKeys = { ok: true; keys: Buffer[] } | { ok: false; reason: string };

export interface KeySource {
  keysFor(callback: { target: CallbackTarget; workflowId: string; ownerId: string }): Promise<SigningKeys>;
}

const NO_RING: SigningKeys = {
  ok: false,
  reason: 'this installation has no SECRETS_KEY to read secrets with',
};

/** The named secret of the owner, or the workflow's own, which is made when it is first needed. */
export function createKeySource(db: Queryable, ring: Keyring | undefined): KeySource {
  async function named(keyring: Keyring, ownerId: string, name: string): Promise<SigningKeys> {
    const answer = (await readOwnerSecrets(db, keyring, ownerId, [name])).get(name);
    if (answer?.kind === 'found') return { ok: true, keys: [keyOf(answer.value)] };
    const reason =
      answer === undefined || answer.kind === 'missing' ? 'is missing' : 'cannot be read with SECRETS_KEY';
    return { ok: false, reason: `the secret ${name} to sign with ${reason}` };
  }

  async function ofWorkflow(keyring: Keyring, workflowId: string, ownerId: string): Promise<SigningKeys> {
    const place = placeOfSigningSecret(workflowId);
    let stored = await readSigningSecrets(db, workflowId);
    if (!stored?.secret) {
      await offerSigningSecret(db, workflowId, sealText(keyring, generateSigningSecret(), place), ownerId);
      stored = await readSigningSecrets(db, workflowId);
    }
    const [current, previous] = [stored?.secret, stored?.previousSecret].map((sealed) =>
      sealed ? openText(keyring, sealed, place) : undefined,
    );
    if (current?.ok !== true) {
      return { ok: false, reason: 'the signing secret of the workflow cannot be read with SECRETS_KEY' };
    }
    const texts = previous?.ok === true ? [current.text, previous.text] : [current.text];
    return { ok: true, keys: texts.map(keyOf) };
  }

  return {
    async keysFor({ target, workflowId, ownerId }) {
      if (ring === undefined) return NO_RING;
      return target.secret === null
        ? ofWorkflow(ring, workflowId, ownerId)
        : named(ring, ownerId, target.secret);
    },
  };
}

/** `whsec_…` is base64; any other secret is the key as it is written. */
function keyOf(secret: string): Buffer {
  return (secret.startsWith('whsec_') ? signingKey(secret) : undefined) ?? Buffer.from(secret, 'utf8');
}

import type { CallbackRequest, CallbackTarget } from '@millrace/contracts';
import {
  type Keyring,
  placeOfCallbackHeaders,
  type Queryable,
  readOwnerSecrets,
  sealText,
} from '@millrace/persistence';
import type { createTargetCheck } from '@millrace/outbound';
import { invalidRequest } from '@millrace/service-kit';
import { requireKeyring } from '../keyring.js';

export interface CallbackTargets {
  /**
   * What is stored of a callback that somebody asks for. Throws 422 for an address that may not be called and for a
   * secret that the owner does not have; `loc` leads to the callback in the request.
   */
  make(
    request: CallbackRequest,
    workflow: { workflowId: string; ownerId: string },
    loc: readonly (string | number)[],
  ): Promise<CallbackTarget>;
}

export function createCallbackTargets(options: {
  pool: Queryable;
  keyring: Keyring | undefined;
  checkTarget: ReturnType<typeof createTargetCheck>;
}): CallbackTargets {
  const { pool, checkTarget } = options;

  async function assertSecret(
    keyring: Keyring,
    name: string,
    ownerId: string,
    loc: readonly (string | number)[],
  ): Promise<void> {
    const answer = (await readOwnerSecrets(pool, keyring, ownerId, [name])).get(name);
    if (answer !== undefined && answer.kind !== 'missing') return;
    const msg = `the workflow's owner has no secret ${name}`;
    throw invalidRequest([{ loc: [...loc, 'secret'], msg, type: 'unknown_secret' }]);
  }

  return {
    async make({ url, headers = {}, secret, events }, { workflowId, ownerId }, loc) {
      const keyring = requireKeyring(options.keyring);
      const refusal = checkTarget(url);
      if (refusal) {
        throw invalidRequest([{ loc: [...loc, 'url'], msg: refusal.message, type: refusal.code }]);
      }
      if (secret !== undefined) await assertSecret(keyring, secret, ownerId, loc);
      const names = Object.keys(headers);
      const sealed = names.length === 0 ? null : JSON.stringify(headers);
      return {
        url,
        host: new URL(url).host.toLowerCase(),
        events: [...new Set(events)],
        secret: secret ?? null,
        header_names: names,
        sealed_headers: sealed && sealText(keyring, sealed, placeOfCallbackHeaders(workflowId)),
      };
    },
  };
}

import type {
  CallbackRequest,
  CallbackTarget,
  CallbackStatus,
  SigningSecretResource,
} from '@millrace/contracts';
import {
  type CallbackRecord,
  offerSigningSecret,
  openText,
  type Page,
  placeOfSigningSecret,
  readSigningSecrets,
  redeliverCallback,
  rotateSigningSecret,
  sealText,
  type WorkflowCallbackRecord,
} from '@millrace/persistence';
import { ApiError, conflict, generateSigningSecret, notFound, type Principal } from '@millrace/service-kit';
import { DENIED, requireExecution, requireWorkflow, unknownWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { isoTimeOrNull } from '../http/dates.js';
import { requireKeyring } from '../keyring.js';

export interface WorkflowCallback extends WorkflowCallbackRecord {
  target: CallbackTarget;
}

export interface Callbacks {
  ofWorkflow(caller: Principal, workflowId: string): Promise<WorkflowCallback>;
  put(caller: Principal, workflowId: string, request: CallbackRequest): Promise<WorkflowCallback>;
  remove(caller: Principal, workflowId: string): Promise<void>;
  /** Makes the first one. */
  signingSecret(caller: Principal, workflowId: string): Promise<SigningSecretResource>;
  rotate(caller: Principal, workflowId: string, keepPreviousSeconds: number): Promise<SigningSecretResource>;
  list(
    caller: Principal,
    filter: {
      limit: number;
      cursor?: string | undefined;
      status?: CallbackStatus | undefined;
      workflow?: string | undefined;
    },
  ): Promise<Page<CallbackRecord>>;
  get(caller: Principal, executionId: string): Promise<CallbackRecord>;
  redeliver(caller: Principal, executionId: string): Promise<CallbackRecord>;
}

export function createCallbacks(context: GatewayContext): Callbacks {
  const { db, pool, callbackTargets } = context;

  function sealed(workflowId: string, secret: string): string {
    return sealText(requireKeyring(context.keyring), secret, placeOfSigningSecret(workflowId));
  }

  async function requireOwn(caller: Principal, workflowId: string): Promise<void> {
    await requireWorkflow(db, caller, workflowId, { denied: DENIED.workflow });
  }

  async function ofWorkflow(caller: Principal, workflowId: string): Promise<WorkflowCallback> {
    await requireOwn(caller, workflowId);
    const found = await db.asCaller(asDatabaseCaller(caller), ({ callbacks }) =>
      callbacks.ofWorkflow(workflowId),
    );
    if (!found?.target) throw notFound('Callback of workflow', workflowId);
    return { ...found, target: found.target };
  }

  async function secretOf(workflowId: string): Promise<SigningSecretResource> {
    const stored = await readSigningSecrets(pool, workflowId);
    const keyring = requireKeyring(context.keyring);
    const place = placeOfSigningSecret(workflowId);
    const opened = stored?.secret ? openText(keyring, stored.secret, place) : undefined;
    if (opened?.ok !== true) {
      throw new ApiError(
        'internal',
        'The signing secret cannot be read with the keys of this server. Rotate it, or ask the operator for the key it was stored with.',
      );
    }
    return {
      workflow_id: workflowId,
      secret: opened.text,
      previous_secret_until: isoTimeOrNull(stored?.previousSecretUntil ?? null),
    };
  }

  async function get(caller: Principal, executionId: string): Promise<CallbackRecord> {
    const { uuid } = await requireExecution(db, caller, executionId);
    const found = await db.asCaller(asDatabaseCaller(caller), ({ callbacks }) => callbacks.get(uuid));
    if (!found) throw notFound('Callback of execution', executionId);
    return found;
  }

  return {
    ofWorkflow,
    get,

    async put(caller, workflowId, request) {
      const access = await db.asPlatform((platform) => platform.access.workflow(workflowId));
      await requireOwn(caller, workflowId);
      if (!access) throw unknownWorkflow(workflowId);
      const target = await callbackTargets.make(request, { workflowId, ownerId: access.ownerId }, ['body']);
      await db.asCaller(asDatabaseCaller(caller), ({ callbacks }) => callbacks.setTarget(workflowId, target));
      return ofWorkflow(caller, workflowId);
    },

    async remove(caller, workflowId) {
      await ofWorkflow(caller, workflowId);
      await db.asCaller(asDatabaseCaller(caller), ({ callbacks }) => callbacks.setTarget(workflowId, null));
    },

    async signingSecret(caller, workflowId) {
      await requireOwn(caller, workflowId);
      const stored = await readSigningSecrets(pool, workflowId);
      if (!stored?.secret) {
        const fresh = sealed(workflowId, generateSigningSecret());
        await offerSigningSecret(pool, workflowId, fresh, caller.userId);
      }
      return secretOf(workflowId);
    },

    async rotate(caller, workflowId, keepPreviousSeconds) {
      await requireOwn(caller, workflowId);
      const fresh = sealed(workflowId, generateSigningSecret());
      await rotateSigningSecret(pool, workflowId, fresh, caller.userId, keepPreviousSeconds);
      return secretOf(workflowId);
    },

    async list(caller, { workflow, ...filter }) {
      if (workflow !== undefined) {
        await requireWorkflow(db, caller, workflow, { denied: DENIED.executions, deleted: true });
      }
      return db.asCaller(asDatabaseCaller(caller), ({ callbacks }) =>
        callbacks.list({ ...filter, workflowId: workflow }),
      );
    },

    async redeliver(caller, executionId) {
      const found = await get(caller, executionId);
      if (!(await redeliverCallback(pool, found.executionId))) {
        throw conflict(`Execution ${executionId} has not ended; its callback is made when it does`);
      }
      return get(caller, executionId);
    },
  };
}

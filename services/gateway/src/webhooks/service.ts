import { randomBytes } from 'node:crypto';
import type {
  CreateWebhookRequest,
  ErrorItem,
  PatchWebhookRequest,
  WebhookSettings,
  WebhookSignature,
} from '@millrace/contracts';
import {
  type DeliveryRecord,
  type Page,
  type PageRequest,
  placeOfWebhookSecret,
  readWebhookWorkflow,
  sealText,
  type WebhookRecord,
} from '@millrace/persistence';
import {
  conflict,
  generateSigningSecret,
  invalidRequest,
  notFound,
  type Principal,
  randomSecret,
  signingKey,
} from '@millrace/service-kit';
import { DENIED, requireWorkflow } from '../access.js';
import { asDatabaseCaller, type GatewayContext } from '../context.js';
import { requireKeyring } from '../keyring.js';
import { mappingProblems } from './mapping.js';

/** `secret` is given where it was made here. */
export interface Written {
  webhook: WebhookRecord;
  secret?: string;
}

export interface Webhooks {
  list(caller: Principal, workflowId: string, page: PageRequest): Promise<Page<WebhookRecord>>;
  create(caller: Principal, workflowId: string, body: CreateWebhookRequest): Promise<Written>;
  get(caller: Principal, id: string): Promise<WebhookRecord>;
  update(caller: Principal, id: string, body: PatchWebhookRequest): Promise<Written>;
  remove(caller: Principal, id: string): Promise<void>;
  deliveries(
    caller: Principal,
    id: string,
    filter: PageRequest & { outcome?: 'accepted' | 'refused' | undefined },
  ): Promise<Page<DeliveryRecord>>;
}

const MAX_WEBHOOKS = 100;

export function createWebhooks(context: GatewayContext): Webhooks {
  const { db, pool } = context;

  function sealed(id: string, secret: string | undefined): string | null {
    if (secret === undefined) return null;
    return sealText(requireKeyring(context.keyring), secret, placeOfWebhookSecret(id));
  }

  /** 404 or 403 unless the webhook's workflow is the caller's. */
  async function get(caller: Principal, id: string): Promise<WebhookRecord> {
    const workflowId = await readWebhookWorkflow(pool, id);
    if (workflowId === undefined) throw unknown(id);
    await requireWorkflow(db, caller, workflowId, { denied: DENIED.workflow });
    const webhook = await db.asCaller(asDatabaseCaller(caller), ({ webhooks }) => webhooks.get(id));
    if (!webhook) throw unknown(id);
    return webhook;
  }

  async function written(caller: Principal, id: string, made: string | undefined): Promise<Written> {
    const webhook = await get(caller, id);
    return { webhook, ...(made !== undefined && { secret: made }) };
  }

  return {
    get,

    async list(caller, workflowId, page) {
      await requireWorkflow(db, caller, workflowId, { denied: DENIED.workflow });
      return db.asCaller(asDatabaseCaller(caller), ({ webhooks }) => webhooks.list(workflowId, page));
    },

    async create(caller, workflowId, body) {
      const { name, path = randomPath(), secret: given, enabled, ...settings } = body;
      assertSettings(settings);
      const { made, secret } = secretFor(settings.signature, given);
      await requireWorkflow(db, caller, workflowId, { denied: DENIED.workflow });
      const id = await db.asCaller(asDatabaseCaller(caller), async ({ webhooks }) => {
        const { items } = await webhooks.list(workflowId, { limit: MAX_WEBHOOKS });
        if (items.length >= MAX_WEBHOOKS) {
          throw conflict(`The workflow has ${MAX_WEBHOOKS} webhooks, which is the limit. Delete one first.`);
        }
        const fresh = await webhooks.newId();
        const outcome = await webhooks.create({
          ...{ id: fresh, workflowId, path, name, settings, enabled },
          secret: sealed(fresh, secret),
        });
        if (outcome === 'taken') throw taken(path);
        return fresh;
      });
      return written(caller, id, made);
    },

    async update(caller, id, body) {
      const current = await get(caller, id);
      const {
        name,
        path,
        enabled,
        secret: given,
        rotate_secret: rotate,
        keep_previous_seconds,
        ...rest
      } = body;
      const settings: WebhookSettings = { ...current.settings, ...defined(rest) };
      assertSettings(settings);
      const renews = given !== undefined || rotate === true;
      const isMissing = settings.signature.type !== 'none' && current.secret === null;
      const changes = renews || isMissing ? secretFor(settings.signature, given) : undefined;
      if (changes === undefined) await assertSecretFits(settings.signature, current);
      const outcome = await db.asCaller(asDatabaseCaller(caller), ({ webhooks }) =>
        webhooks.update(id, {
          ...{ path, name, enabled, settings },
          secrets: changes && {
            secret: sealed(id, changes.secret),
            keepPreviousSeconds: keep_previous_seconds,
          },
        }),
      );
      if (outcome === 'taken') throw taken(path ?? '');
      if (outcome === 'unknown') throw unknown(id);
      return written(caller, id, changes?.made);
    },

    async remove(caller, id) {
      await get(caller, id);
      const removed = await db.asCaller(asDatabaseCaller(caller), ({ webhooks }) => webhooks.remove(id));
      if (!removed) throw unknown(id);
    },

    async deliveries(caller, id, filter) {
      await get(caller, id);
      return db.asCaller(asDatabaseCaller(caller), ({ webhooks }) => webhooks.deliveries(id, filter));
    },
  };

  /** A secret that was given for another scheme may be no key of this one. */
  async function assertSecretFits(signature: WebhookSignature, current: WebhookRecord): Promise<void> {
    const changesScheme = current.settings.signature.type !== signature.type;
    if (!changesScheme || signature.type !== 'standard_webhooks') return;
    throw refused(['body', 'secret'], 'give a secret of the new scheme, or rotate_secret');
  }
}

/** 128 random bits: nobody finds it by trying. */
function randomPath(): string {
  return randomBytes(16).toString('base64url');
}

function assertSettings(settings: WebhookSettings): void {
  const problems = mappingProblems(settings);
  if (problems.length > 0) throw invalidRequest(problems);
}

/** What signs, and whether it was made here. */
function secretFor(
  signature: WebhookSignature,
  given: string | undefined,
): { secret: string | undefined; made?: string } {
  if (signature.type === 'none') {
    if (given === undefined) return { secret: undefined };
    throw refused(['body', 'secret'], 'is of no use without a signature: say which with `signature`');
  }
  const isStandard = signature.type === 'standard_webhooks';
  if (given === undefined) {
    const made = isStandard ? generateSigningSecret() : randomSecret();
    return { secret: made, made };
  }
  if (isStandard && signingKey(given) === undefined) {
    throw refused(
      ['body', 'secret'],
      'must be base64 of 16 bytes or more, with or without `whsec_` before it',
    );
  }
  return { secret: given };
}

function refused(loc: ErrorItem['loc'], msg: string): Error {
  return invalidRequest([{ loc, msg, type: 'invalid_secret' }]);
}

/** Without the fields that were left out: they stay as they are. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function unknown(id: string): Error {
  return notFound('Webhook', id.slice(0, 100));
}

function taken(path: string): Error {
  return conflict(`The path ${path} is taken; choose another one, or leave it out for a random one`);
}

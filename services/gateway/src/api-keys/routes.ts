import type { ApiKeyResource, Scope } from '@millrace/contracts';
import type { ApiKey } from '@millrace/persistence';
import {
  conflict,
  forbidden,
  generateApiKey,
  invalidRequest,
  notFound,
  type Principal,
} from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';
import { isoTime, isoTimeOrNull } from '../http/dates.js';
import type { Handlers } from '../http/route.js';

const MAX_KEYS = 100;

/** A caller's own keys. A key can make further ones, and revoke those, that can do no more than it can. */
export function apiKeyHandlers({
  db,
  authenticator,
}: GatewayContext): Handlers<'listApiKeys' | 'createApiKey' | 'deleteApiKey'> {
  return {
    listApiKeys: async ({ caller }) => {
      const keys = await db.asPlatform(({ apiKeys }) => apiKeys.list(caller.userId));
      return { status: 200, body: keys.map(toResource) };
    },

    createApiKey: async ({ caller, body }) => {
      const expiresAt = endOf(caller, body.expires_at ?? null);
      const scopes = body.scopes ?? [...caller.scopes];
      assertHolds(caller, scopes);
      const { key, prefix, hash } = generateApiKey();
      const created = await db.asPlatform(async ({ apiKeys }) => {
        const existing = await apiKeys.list(caller.userId);
        if (existing.length >= MAX_KEYS) {
          throw conflict(`You have ${MAX_KEYS} API keys, which is the limit. Revoke one first.`);
        }
        return apiKeys.create({
          userId: caller.userId,
          name: body.name,
          prefix,
          keyHash: hash,
          scopes,
          expiresAt,
        });
      });
      return { status: 201, body: { ...toResource(created), key } };
    },

    deleteApiKey: async ({ caller, params }) => {
      const keys = await db.asPlatform(({ apiKeys }) => apiKeys.list(caller.userId));
      const key = keys.find(({ id }) => id === params.id);
      if (!key) throw notFound('API key', params.id);
      assertMayRevoke(caller, key);
      const revoked = await db.asPlatform(({ apiKeys }) => apiKeys.revoke(caller.userId, params.id));
      if (!revoked) throw notFound('API key', params.id);
      authenticator.forget(caller.userId);
      return { status: 204 };
    },
  };
}

/** A key made with a key that ends must not outlive it. */
function endOf(caller: Principal, wanted: string | null): Date | null {
  const end = wanted === null ? null : new Date(wanted);
  if (end && end.getTime() <= Date.now()) {
    throw invalidRequest([{ loc: ['body', 'expires_at'], msg: 'must be in the future', type: 'past' }]);
  }
  if (caller.apiKeyId === null || caller.expiresAt === null) return end;
  return end && end < caller.expiresAt ? end : caller.expiresAt;
}

function assertHolds(caller: Principal, scopes: readonly Scope[]): void {
  const lacking = scopes.find((scope) => !caller.scopes.includes(scope));
  if (lacking !== undefined) throw forbidden(`You do not hold '${lacking}', so a key of yours cannot either`);
}

/** A key that leaked must not cost its user the keys that can do more. Whoever logged in may revoke any of their own. */
function assertMayRevoke(caller: Principal, key: ApiKey): void {
  if (caller.apiKeyId === null) return;
  const lacking = key.scopes.find((scope) => !caller.scopes.includes(scope));
  if (lacking !== undefined) throw forbidden(`Only a key with '${lacking}' can revoke a key that has it`);
}

function toResource(key: ApiKey): ApiKeyResource {
  const { id, name, prefix, scopes, createdAt, expiresAt, lastUsedAt } = key;
  return {
    ...{ id, name, prefix, scopes },
    created_at: isoTime(createdAt),
    expires_at: isoTimeOrNull(expiresAt),
    last_used_at: isoTimeOrNull(lastUsedAt),
  };
}

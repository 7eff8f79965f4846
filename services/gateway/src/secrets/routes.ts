import type { SecretResource } from '@millrace/contracts';
import type { SecretRecord } from '@millrace/persistence';
import type { GatewayContext } from '../context.js';
import { isoTime, isoTimeOrNull } from '../http/dates.js';
import { nextPage } from '../http/links.js';
import type { Handlers } from '../http/route.js';
import { createSecrets } from './service.js';

export function secretHandlers(
  context: GatewayContext,
): Handlers<'listSecrets' | 'getSecret' | 'putSecret' | 'deleteSecret'> {
  const secrets = createSecrets(context);
  return {
    listSecrets: async ({ caller, query: { owner, ...page }, request }) => {
      const { items, nextCursor } = await secrets.list(caller, owner, page);
      return { status: 200, body: items.map(toResource), headers: nextPage(request, nextCursor) };
    },

    getSecret: async ({ caller, query, params }) => {
      const { secret, usedBy } = await secrets.get(caller, query.owner, params.name);
      const workflows = usedBy.map(({ id, name }) => ({ workflow_id: id, name }));
      return { status: 200, body: { ...toResource(secret), workflows } };
    },

    putSecret: async ({ caller, query, params, body }) => {
      const { secret, created } = await secrets.put(caller, query.owner, { ...body, name: params.name });
      return { status: created ? 201 : 200, body: toResource(secret) };
    },

    deleteSecret: async ({ caller, query, params }) => {
      await secrets.remove(caller, query.owner, params.name);
      return { status: 204 };
    },
  };
}

function toResource(secret: SecretRecord): SecretResource {
  const { name, description, owner, version } = secret;
  return {
    ...{ name, description, owner, version },
    created_at: isoTime(secret.createdAt),
    created_by: secret.createdBy,
    updated_at: isoTime(secret.updatedAt),
    updated_by: secret.updatedBy,
    last_used_at: isoTimeOrNull(secret.lastUsedAt),
  };
}

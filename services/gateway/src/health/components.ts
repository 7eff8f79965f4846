import { assertSchema, SchemaMismatchError } from '@millrace/persistence';
import { type ComponentHealth, createHealth, type Health } from '@millrace/service-kit';
import type { GatewayContext } from '../context.js';

export type Component = 'api' | 'database' | 'queue' | 'events' | 'workers';

type Needs = Pick<GatewayContext, 'db' | 'pool' | 'messaging' | 'draining' | 'version'>;

/** Only Postgres and its schema decide readiness: without the rest submitting still works. */
export function createGatewayHealth({ db, pool, messaging, draining, version }: Needs): Health<Component> {
  return createHealth<Component>({
    version,
    components: {
      api: {
        check: () => Promise.resolve(draining.signal.aborted ? down('is draining') : { status: 'ok' }),
        required: true,
      },
      database: { check: () => checkDatabase(pool), required: true },
      queue: { check: async () => fromPort(await messaging.queue.health()) },
      events: { check: async () => fromPort(await messaging.events.health()) },
      workers: { check: () => checkWorkers(db) },
    },
  });
}

async function checkDatabase(pool: GatewayContext['pool']): Promise<ComponentHealth> {
  try {
    await assertSchema(pool);
    return { status: 'ok' };
  } catch (error) {
    if (error instanceof SchemaMismatchError) return down(`the schema is ${error.kind}`);
    throw error;
  }
}

/** The reason may hold hosts and users, and health is anonymous: it goes to the log of messaging, not out. */
function fromPort(health: { ok: boolean }): ComponentHealth {
  return health.ok ? { status: 'ok' } : down('not reachable');
}

async function checkWorkers(db: GatewayContext['db']): Promise<ComponentHealth> {
  const { live, draining, slots, running } = await db.asPlatform(({ workers }) => workers.count());
  const numbers = { live, draining, slots, running };
  return live > 0
    ? { status: 'ok', ...numbers }
    : { status: 'down', detail: 'no worker is running', ...numbers };
}

function down(detail: string): ComponentHealth {
  return { status: 'down', detail };
}

/** What the persistence tests share: a database of their own with both doors to it, and rows made directly. */
import { createHash, randomBytes } from 'node:crypto';
import type { Definition, Scope } from '@millrace/contracts';
import { createApiDatabase, createPool, type ApiDatabase, type Caller } from '@millrace/persistence';
import pg from 'pg';
import { createScratchDatabase } from '../../support/postgres.js';

export interface Bundle {
  url: string;
  /** As the gateway: bound by row-level security. */
  api: ApiDatabase;
  /** As workers and scheduler: sees every row. */
  engine: pg.Pool;
  /** As the login that migrated: owns every table. */
  owner: pg.Pool;
  end(): Promise<void>;
}

export async function setup(): Promise<Bundle> {
  const database = await createScratchDatabase();
  const api = createApiDatabase({ databaseUrl: database.url, applicationName: 'test-api' });
  await api.start();
  const engine = createPool({
    databaseUrl: database.url,
    role: 'millrace_engine',
    max: 2,
    applicationName: 'test-engine',
  });
  const owner = new pg.Pool({
    connectionString: database.url,
    max: 4,
    application_name: 'test-owner',
    allowExitOnIdle: true,
  });
  return {
    url: database.url,
    api,
    engine,
    owner,
    async end() {
      await Promise.all([api.stop(), engine.end(), owner.end()]);
      await database.drop();
    },
  };
}

export function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function randomHash(): Buffer {
  return randomBytes(32);
}

export function unique(prefix: string): string {
  return `${prefix}_${randomBytes(5).toString('hex')}`;
}

/** A new user as a caller, with what row-level security goes by. */
export async function createCaller(
  { api }: Bundle,
  options: { admin?: boolean; username?: string; scopes?: Scope[] } = {},
): Promise<Caller & { username: string }> {
  const username = options.username ?? unique('user');
  const scopes = options.scopes ?? ['workflow:read'];
  const made = await api.asPlatform(({ users }) => users.create({ username, passwordHash: 'x', scopes }));
  if (made.kind !== 'created') throw new Error(`the name ${username} is taken`);
  return { userId: made.user.id, admin: options.admin ?? false, username };
}

export function definitionOf(changes: Partial<Definition> = {}): Definition {
  return { name: 'Nightly report', description: '', nodes: [], edges: [], metadata: {}, ...changes };
}

/** A workflow of the caller; answers with its id. */
export async function createWorkflow(
  { api }: Bundle,
  caller: Caller,
  changes: Partial<Definition> & { id?: string } = {},
): Promise<string> {
  const { id, ...rest } = changes;
  const made = await api.asCaller(caller, ({ workflows }) =>
    workflows.create({ id, definition: definitionOf(rest), fingerprint: hash('graph') }),
  );
  if (made.kind !== 'created') throw new Error('the id is taken');
  return made.workflow.id;
}

export interface ExecutionSeed {
  workflowId: string;
  ownerId: string;
  status?: string;
  /** SQL expression of the moment of submission. */
  at?: string;
}

/** An execution in any state, written directly; answers with its bare UUID. */
export async function insertExecution({ owner }: Bundle, seed: ExecutionSeed): Promise<string> {
  const status = seed.status ?? 'queued';
  const ended = ['completed', 'failed', 'cancelled', 'timed_out'].includes(status);
  const { rows } = await owner.query<{ id: string }>(
    `INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at,
       root_id, trace_id, steps_total, status, completed_at, steps_completed, final_seq)
     SELECT i.id, $1, 1, $2, $2, '{}', i.at, i.id, 'trace', 3, $3, $4::timestamptz, $5, $6
     FROM (SELECT uuid7(m.at) AS id, m.at FROM (SELECT ${seed.at ?? 'clock_timestamp()'} AS at) m) i RETURNING id`,
    [
      seed.workflowId,
      seed.ownerId,
      ended ? status : null,
      ended ? new Date() : null,
      ended ? 3 : null,
      ended ? 9 : null,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('the insert answered with no row');
  if (!ended) {
    await owner.query(
      `INSERT INTO execution_state (execution_id, workflow_id, owner_id, status, last_seq, steps_completed, current_step)
       VALUES ($1, $2, $3, $4, 5, 2, 'fetch')`,
      [id, seed.workflowId, seed.ownerId, status],
    );
  }
  return id;
}

/** The SQL state a promise fails with; undefined when it does not fail. */
export async function sqlState(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && 'driverError' in error ? error.driverError : error;
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
    throw error;
  }
}

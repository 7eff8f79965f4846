/** A runtime on a scratch database, in this process and without a worker: for tests below the steps. */
import { createHash } from 'node:crypto';
import { definition, type DefinitionInput, type JsonObject } from '@millrace/contracts';
import { compile, graphFingerprint } from '@millrace/engine';
import {
  createPostgresMessaging,
  createRedisMessaging,
  DEFAULT_QUEUE_SCHEMA,
  type Messaging,
  migratePostgresQueue,
} from '@millrace/messaging';
import {
  createPool,
  type ExecutionHead,
  type Keyring,
  readEvents,
  readHeads,
  type StoredEvent,
} from '@millrace/persistence';
import { createRuntime, type CrashProbe, type Runtime, type RuntimeSettings } from '@millrace/runtime';
import type { Logger } from '@millrace/service-kit';
import type pg from 'pg';
import { pino } from 'pino';
import { eventually } from './poll.js';
import { createScratchDatabase, type ScratchDatabase } from './postgres.js';

export const silentLog: Logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

export interface RuntimeSetupOptions {
  /** A migrated one, which is not dropped; a scratch database of its own without it. */
  database?: ScratchDatabase;
  settings?: Partial<RuntimeSettings>;
  crash?: CrashProbe;
  /** Of secrets; without one they cannot be read. */
  keyring?: Keyring;
  /** Queue and events on Redis; without it on Postgres. */
  redis?: { url: string; prefix: string };
}

export interface TestUser {
  id: string;
  username: string;
}

export interface RuntimeSetup {
  readonly database: ScratchDatabase;
  readonly pool: pg.Pool;
  readonly messaging: Messaging;
  readonly runtime: Runtime;
  readonly owner: TestUser;
  createUser(username: string, scopes?: readonly string[]): Promise<TestUser>;
  /** Stores version 1 of a workflow, and the same as a test version, -1; answers its id. */
  createWorkflow(graph: Pick<DefinitionInput, 'nodes' | 'edges'> & Partial<DefinitionInput>): Promise<string>;
  /** Version 1 by default, all of it. */
  submit(
    workflowId: string,
    parameters?: JsonObject,
    options?: { version?: number; untilStep?: string },
  ): Promise<string>;
  events(executionId: string): Promise<StoredEvent[]>;
  head(executionId: string): Promise<ExecutionHead>;
  /** Polls until the execution is terminal and answers its events. */
  finished(executionId: string, timeoutMs?: number): Promise<StoredEvent[]>;
  stop(): Promise<void>;
}

export async function startRuntime(options: RuntimeSetupOptions = {}): Promise<RuntimeSetup> {
  const database = options.database ?? (await createScratchDatabase());
  await migratePostgresQueue(database.url, DEFAULT_QUEUE_SCHEMA);
  const pool = createPool({
    databaseUrl: database.url,
    role: 'millrace_engine',
    max: 6,
    applicationName: 'test',
  });
  const messaging = options.redis
    ? createRedisMessaging({ ...options.redis, name: 'test', log: silentLog })
    : createPostgresMessaging({ databaseUrl: database.url, name: 'test', log: silentLog });
  const runtime = createRuntime({
    pool,
    queue: messaging.queue,
    events: messaging.events,
    log: silentLog,
    ...(options.settings && { settings: options.settings }),
    ...(options.crash && { crash: options.crash }),
    ...(options.keyring && { keyring: options.keyring }),
  });
  const owner = await insertUser(pool, 'olive', []);
  let workflows = 0;

  const setup: RuntimeSetup = {
    database,
    pool,
    messaging,
    runtime,
    owner,
    createUser: (username, scopes = []) => insertUser(pool, username, scopes),
    async createWorkflow(graph) {
      const parsed = definition.parse({ name: 'Test', ...graph });
      const compiled = compile(parsed);
      if (!compiled.ok) throw new Error(compiled.problems.map((problem) => problem.message).join('; '));
      workflows += 1;
      const id = `wf_test_${String(workflows)}`;
      const fingerprint = createHash('sha256').update(graphFingerprint(parsed)).digest();
      const json = JSON.stringify(parsed);
      await pool.query(
        `INSERT INTO workflows (id, owner_id, name, node_count, definition, fingerprint, created_by, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $2, $2)`,
        [id, owner.id, parsed.name, parsed.nodes.length, json, fingerprint],
      );
      await pool.query(
        `INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by)
         SELECT $1, version, $2, $3, $4 FROM unnest('{1,-1}'::int[]) AS version`,
        [id, json, fingerprint, owner.id],
      );
      return id;
    },
    async submit(workflowId, parameters = {}, { version = 1, untilStep } = {}) {
      const outcome = await runtime.submit({
        workflowId,
        workflowVersion: version,
        ...(untilStep !== undefined && { untilStep }),
        ownerId: owner.id,
        submittedBy: owner,
        parameters,
        stepsTotal: 1,
        traceId: 'test',
      });
      if (outcome.kind !== 'accepted') throw new Error(`submit answered ${outcome.kind}`);
      return outcome.executionId;
    },
    events: (executionId) => readEvents(pool, executionId, 0, 100_000),
    async head(executionId) {
      const [head] = await readHeads(pool, [executionId]);
      if (head === undefined) throw new Error(`there is no execution ${executionId}`);
      return head;
    },
    async finished(executionId, timeoutMs = 10_000) {
      await eventually(
        async () => {
          const { status } = await setup.head(executionId);
          if (!['completed', 'failed', 'cancelled', 'timed_out'].includes(status))
            throw new Error(`still ${status}`);
        },
        { timeoutMs },
      );
      return setup.events(executionId);
    },
    async stop() {
      await runtime.settle();
      await messaging.close();
      await pool.end();
      if (!options.database) await database.drop();
    },
  };
  return setup;
}

async function insertUser(pool: pg.Pool, username: string, scopes: readonly string[]): Promise<TestUser> {
  const { rows } = await pool.query<{ id: string }>(
    // Processes that share a database share its users.
    `WITH made AS (
       INSERT INTO users (username, password_hash, scopes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id
     )
     SELECT id FROM made UNION ALL SELECT id FROM users WHERE username = $1 LIMIT 1`,
    [username, 'none', scopes],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no user was made');
  return { id: row.id, username };
}

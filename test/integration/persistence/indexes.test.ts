import {
  cancellableChildren,
  claimCallbacks,
  claimExecutions,
  closeAbandonedApprovals,
  closeApprovalsOf,
  countQueue,
  countRunnable,
  createApiDatabase,
  createKeyring,
  createPool,
  deleteEventWaitsOf,
  deleteExpired,
  deleteSettledCallbacks,
  deleteUnusedTests,
  findByKey,
  findChildren,
  findWebhooks,
  isKnownFingerprint,
  lockApproval,
  lockEventWaits,
  nextCallbackInMs,
  nextWakeInMs,
  overdueCancellations,
  readBudgets,
  readDeadLetters,
  readEndedMinutes,
  readEvents,
  readExecutionSecrets,
  readFinishedChildren,
  readJsonBlob,
  readLogs,
  readSignals,
  readSigningSecrets,
  readWebhookWorkflow,
  readWorkers,
  readWorkflowHeads,
  reencryptSecrets,
  releaseExpired,
  selectForBulk,
  renewWorker,
  settleCallback,
  takeEvent,
  takeRedispatchable,
  trimDeliveries,
  wakeDue,
  wakeUnread,
  writeReceipt,
  type ApiDatabase,
  type Caller,
  type CallerRepositories,
  type PlatformRepositories,
} from '@millrace/persistence';
import { expect } from 'chai';
import pg from 'pg';
import { eventually } from '../../support/poll.js';
import { hash, setup, type Bundle } from './support.js';

const keyring = createKeyring({ key: Buffer.alloc(32, 'k') });

/** A life's worth of rows: 20,000 and more in each table, of 400 owners and 1,000 workflows. */
const SEED = `
  INSERT INTO users (username, password_hash) SELECT 'user' || n, 'x' FROM generate_series(1, 20000) n;
  CREATE TABLE owners AS SELECT row_number() OVER (ORDER BY id) AS n, id FROM users;
  CREATE UNIQUE INDEX ON owners (n);
  INSERT INTO sessions (user_id, expires_at)
    SELECT o.id, now() + (o.n - 300) * interval '1 hour' FROM owners o;
  INSERT INTO refresh_tokens (session_id, token_hash)
    SELECT s.id, sha256(o.n::text::bytea) FROM sessions s JOIN owners o ON o.id = s.user_id;
  INSERT INTO api_keys (user_id, name, prefix, key_hash, scopes)
    SELECT o.id, 'key', 'p', sha256(o.n::text::bytea), '{}' FROM owners o;
  INSERT INTO stream_tickets SELECT sha256(o.n::text::bytea), o.id, '{}', now(), now() + (o.n - 300) * interval '1 s'
    FROM owners o;
  INSERT INTO login_failures SELECT 'user' || o.n, '10.0.0.1', 1, now() + (o.n - 300) * interval '1 hour' FROM owners o;
  INSERT INTO workflows (id, owner_id, name, node_count, metadata, tags, definition, fingerprint, created_by, updated_by,
      sort_key)
    SELECT 'wf_' || i, o.id, 'report ' || i, 0, jsonb_build_object('tags', jsonb_build_array('tag' || i)),
      ARRAY['tag' || i], '{}', sha256(''), o.id, o.id, uuid7(now() - i * 7919 % 20000 * interval '1 minute')
    FROM generate_series(1, 20000) i JOIN owners o ON o.n = i % 400 + 1;
  -- One owner has so many that their order matters.
  INSERT INTO workflows (id, owner_id, name, node_count, definition, fingerprint, created_by, updated_by)
    SELECT 'wf_own_' || i, o.id, 'own ' || i, 0, '{}', sha256(''), o.id, o.id
    FROM generate_series(1, 600) i JOIN owners o ON o.n = 400;
  UPDATE workflows SET deleted_at = now() - interval '1 minute', deleted_by = owner_id WHERE id LIKE 'wf_17___' OR id LIKE 'wf_own_1__';
  INSERT INTO workflow_versions SELECT id, v, '{}', sha256(''), owner_id FROM workflows, generate_series(1, 2) v;
  INSERT INTO workflow_versions (workflow_id, version, definition, fingerprint, created_by, created_at)
    SELECT 'wf_' || n, -n, '{}', sha256(''), owner_id, now() - (300 - n) * interval '1 hour'
    FROM generate_series(1, 250) n JOIN workflows ON id = 'wf_' || n;
  INSERT INTO drafts SELECT id, '{}', 1, owner_id FROM workflows;
  SELECT create_partitions(now() - interval '42 days', now());
  CREATE TABLE runs AS
    SELECT uuid7(at) AS id, at, m.n, 'wf_' || (m.n % 1000 + 1) AS workflow_id, o.id AS owner_id, CASE
      WHEN m.n > 40000 THEN CASE WHEN m.n % 1000 = 1 THEN 'paused' ELSE (ARRAY['queued', 'queued', 'running', 'waiting'])[m.n % 4 + 1] END
      WHEN m.n % 50 = 0 THEN (ARRAY['failed', 'cancelled', 'timed_out'])[m.n % 3 + 1] ELSE 'completed' END AS status
    FROM (SELECT i AS n, now() - interval '40 days' + i * interval '57 s' AS at FROM generate_series(1, 60000) i) m
    JOIN owners o ON o.n = m.n % 400 + 1;
  INSERT INTO executions (id, workflow_id, workflow_version, owner_id, submitted_by, parameters, created_at, root_id,
      trace_id, steps_total, status, completed_at, steps_completed, final_seq)
    SELECT id, workflow_id, CASE WHEN n % 1000 BETWEEN 1 AND 240 AND n < 3000 THEN -(n % 1000) - 1 ELSE 1 END,
      owner_id, owner_id, '{}', at, id, 't', 1, ended, CASE WHEN ended IS NOT NULL THEN at END,
      CASE WHEN ended IS NOT NULL THEN 1 END, CASE WHEN ended IS NOT NULL THEN 3 END
    FROM (SELECT *, CASE WHEN n <= 40000 THEN status END AS ended FROM runs) r;
  UPDATE executions SET error_fingerprint = md5(workflow_id), error_code = 'code' || left(md5(workflow_id), 2),
    submitted_by = CASE left(md5(workflow_id), 1) WHEN '0' THEN (SELECT id FROM owners WHERE n = 7) ELSE owner_id END
  WHERE status IN ('failed', 'timed_out');
  UPDATE executions SET retry_of = id, parent_id = id WHERE status = 'cancelled';
  INSERT INTO workers (id, host, pid, version, slots, lease_until)
    SELECT uuid7(), 'h', n, '1', 8, now() + (n - 300) * interval '1 hour' FROM generate_series(1, 20000) n;
  INSERT INTO execution_state (execution_id, workflow_id, owner_id, status, last_seq, worker_id, inbox, redispatch_at,
      wake_at, cancel_requested_at)
    SELECT id, workflow_id, owner_id, status, 1,
      CASE WHEN status = 'running' AND n % 100 = 2 THEN (SELECT id FROM workers WHERE pid = 500) END,
      CASE WHEN status = 'waiting' AND n % 100 = 3 THEN 1 ELSE 0 END,
      CASE WHEN status = 'queued' THEN now() + (n - 40300) * interval '1 s' END,
      CASE WHEN status = 'waiting' THEN now() + (n - 40300) * interval '1 s' END,
      CASE WHEN n % 200 = 7 THEN now() - interval '1 hour' END
    FROM runs WHERE n > 40000;
  INSERT INTO webhooks (workflow_id, path, name, settings, created_by, updated_by)
    SELECT id, 'path-' || id, 'hook', '{}', owner_id, owner_id FROM workflows;
  INSERT INTO webhook_deliveries (id, webhook_id, received_at, method, status, size_bytes, duration_ms)
    SELECT uuid7(r.at), h.id, r.at, 'POST', 202, 0, 0 FROM runs r JOIN webhooks h ON h.path = 'path-' || r.workflow_id
    WHERE r.n > 30000;
  INSERT INTO workflow_callbacks (workflow_id, updated_by) SELECT id, owner_id FROM workflows;
  INSERT INTO callbacks (execution_id, workflow_id, owner_id, target, state, next_attempt_at, last_attempt_at)
    SELECT id, workflow_id, owner_id, json_build_object('host', 'host' || n % 50),
      CASE WHEN n > 40000 THEN 'pending' WHEN n % 50 = 0 THEN 'failed' ELSE 'delivered' END,
      CASE WHEN n > 59900 THEN now() + (n - 59950) * interval '1 s' END, CASE WHEN n <= 40000 THEN at END
    FROM runs;
  INSERT INTO children (parent_id, step_id, iteration, attempt, slot, child_id, detached, finished_at, delivered_at)
    SELECT p.id, 'a', '', 1, c.n, c.id, false, CASE WHEN c.n <= 40000 THEN c.at END,
      CASE WHEN c.n <= 40000 AND c.n % 400 <> 7 THEN c.at END
    FROM runs c JOIN runs p ON p.n = CASE WHEN c.n % 100 = 1 THEN 59999 ELSE c.n % 1000 + 58000 END;
  INSERT INTO approvals (id, execution_id, step_id, iteration, attempt, kind, workflow_id, workflow_name, owner_id,
      submitted_by, message, approvers, required, exclude_submitter, requested_at, status, decided_at)
    SELECT uuid7(at - CASE WHEN n <= 100 THEN interval '90 days' ELSE interval '0' END), id, 'a', '', 1, 'approval',
      workflow_id, 'w', owner_id, owner_id, '', ARRAY['user' || n % 4000], 1, false, at,
      CASE WHEN n > 59900 THEN 'open' ELSE 'approved' END, CASE WHEN n <= 59900 THEN at END
    FROM runs;
  -- Decided ones of the owner, among whom few are open.
  UPDATE approvals SET owner_id = (SELECT id FROM owners WHERE n = 400) WHERE status <> 'open' AND id::text LIKE '%0';
  INSERT INTO approval_approvers SELECT approvers[1], id FROM approvals;
  INSERT INTO event_waits SELECT id, 'a', '', 1, owner_id, 'event' || n % 1000, 'key' || n FROM runs WHERE n > 40000;
  INSERT INTO external_events (owner_id, name, key, payload, sent_by, expires_at)
    SELECT owner_id, 'event', 'key' || n, '{}', owner_id, now() + (n - 40300) * interval '1 s' FROM runs WHERE n > 40000;
  INSERT INTO event_receipts SELECT owner_id, 'event' || n, sha256(''), id, 1, false, now() + (n - 40300) * interval '1 s'
    FROM runs WHERE n > 40000;
  INSERT INTO execution_events SELECT id, s, 'queued', at, '{}' FROM runs, generate_series(1, 2) s;
  INSERT INTO execution_snapshots SELECT id, 1, '{}' FROM runs WHERE n > 40000;
  INSERT INTO budgets (execution_id, max_tokens, tokens, cost_usd) SELECT id, 1, 0, 0 FROM runs WHERE n > 40000;
  INSERT INTO signals (execution_id, number, kind, payload) SELECT id, 1, 'cancel', '{}' FROM runs WHERE n > 40000;
  INSERT INTO blobs (execution_id, content_type, size_bytes, content) SELECT id, 'a/b', 2, '{}' FROM runs WHERE n > 40000;
  INSERT INTO step_logs SELECT id, 'a', 1, l, at, 'info', '' FROM runs, generate_series(1, 2) l WHERE n > 40000;
  INSERT INTO secrets (owner_id, name, key_id, nonce, ciphertext, tag, created_by, updated_by)
    SELECT o.id, 'secret' || i, CASE WHEN i % 500 = 1 THEN '0123456789abcdef' ELSE '${keyring.currentKeyId}' END,
      decode(repeat('00', 12), 'hex'), 'x', decode(repeat('00', 16), 'hex'), o.id, o.id
    FROM generate_series(1, 20000) i JOIN owners o ON o.n = i % 400 + 1;
  INSERT INTO idempotency_keys SELECT owner_id, workflow_id, 'key' || n, sha256(''), id, now() + (n - 40300) * interval '1 s'
    FROM runs WHERE n > 40000;`;

/** What a case may use: a known row of the seed. */
interface Known {
  owner: Caller;
  admin: Caller;
  execution: string;
  blob: string;
  worker: string;
  session: string;
  key: string;
  fingerprint: string;
  submitter: string;
}

interface KnownRow {
  owner: string;
  execution: string;
  blob: string;
  worker: string;
  session: string;
  key: string;
  fingerprint: string;
  submitter: string;
}

const KNOWN = `
  SELECT o.id AS owner, r.id AS execution, b.id AS blob, (SELECT id FROM workers WHERE pid = 500) AS worker,
    s.id AS session, k.id AS key,
    (SELECT min(error_fingerprint) FROM executions) AS fingerprint, (SELECT id FROM owners WHERE n = 7) AS submitter
  FROM owners o JOIN runs r ON r.owner_id = o.id AND r.n = 59999 JOIN blobs b ON b.execution_id = r.id
  JOIN sessions s ON s.user_id = o.id JOIN api_keys k ON k.user_id = o.id WHERE o.n = 400`;

type Run =
  | { as: 'owner' | 'admin'; run: (repositories: CallerRepositories, known: Known) => Promise<unknown> }
  | { as: 'platform'; run: (repositories: PlatformRepositories, known: Known) => Promise<unknown> }
  | { as: 'engine'; run: (db: pg.PoolClient, known: Known) => Promise<unknown> };

const page = { limit: 50 };
const NOWHERE = { address: null, userAgent: null };
const recently = (): Date => new Date(Date.now() - 35 * 86_400_000);

/** Every index, with the call it is there for. A call may be named twice where it needs two indexes. */
const USES: [index: string, use: string, run: Run][] = [
  ['users_pkey', 'a user by id', { as: 'platform', run: (r, k) => r.users.findById(k.owner.userId) }],
  ['users_username', 'log-in', { as: 'platform', run: (r) => r.users.findByUsername('USER77') }],
  [
    'refresh_tokens_token_hash_key',
    'a rotation',
    { as: 'platform', run: (r) => r.sessions.rotate(hash('9000'), hash('new'), NOWHERE) },
  ],
  [
    'refresh_tokens_pkey',
    'a rotation',
    { as: 'platform', run: (r) => r.sessions.rotate(hash('9001'), hash('newer'), NOWHERE) },
  ],
  [
    'refresh_tokens_session',
    'a new password',
    { as: 'platform', run: (r, k) => r.sessions.renew(k.session, hash('newest')) },
  ],
  [
    'sessions_pkey',
    'a rotation',
    { as: 'platform', run: (r) => r.sessions.rotate(hash('9002'), hash('newest of all'), NOWHERE) },
  ],
  [
    'sessions_user',
    'a list of sessions',
    { as: 'platform', run: (r, k) => r.sessions.list(k.owner.userId, page) },
  ],
  ['sessions_user', 'disabling a user', { as: 'platform', run: (r, k) => r.sessions.endAll(k.owner.userId) }],
  ['sessions_expiry', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  ['api_keys_pkey', 'noting a use', { as: 'platform', run: (r, k) => r.apiKeys.touchLastUsed(k.key) }],
  [
    'api_keys_key_hash_key',
    'a request with a key',
    { as: 'platform', run: (r) => r.apiKeys.findByHash(hash('5')) },
  ],
  ['api_keys_user', 'a list of keys', { as: 'platform', run: (r, k) => r.apiKeys.list(k.owner.userId) }],
  [
    'stream_tickets_pkey',
    'a stream that opens',
    { as: 'platform', run: (r) => r.tickets.consume(hash('9000')) },
  ],
  ['stream_tickets_expiry', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  [
    'login_failures_pkey',
    'log-in',
    { as: 'platform', run: (r) => r.loginFailures.check('user9', '10.0.0.1') },
  ],
  ['login_failures_window', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  ['workflows_pkey', 'one workflow', { as: 'owner', run: (r) => r.workflows.get('wf_400') }],
  ['workflows_owner', 'the list of an owner', { as: 'owner', run: (r) => r.workflows.list(page) }],
  [
    'workflows_owner',
    'the list of an owner, for an admin',
    { as: 'admin', run: (r, k) => r.workflows.list({ ...page, ownerId: k.owner.userId }) },
  ],
  ['workflows_newest', 'the list of an admin', { as: 'admin', run: (r) => r.workflows.list(page) }],
  [
    'workflows_search',
    'a search of an admin',
    { as: 'admin', run: (r) => r.workflows.list({ ...page, search: '1777' }) },
  ],
  [
    'workflows_metadata',
    'a tag, for an admin',
    { as: 'admin', run: (r) => r.workflows.list({ ...page, tag: 'tag77' }) },
  ],
  [
    'workflows_owner_updated',
    'what an owner changed last',
    { as: 'owner', run: (r) => r.workflows.list({ ...page, sort: 'updated_at' }) },
  ],
  [
    'workflows_updated',
    'what was changed last, for an admin',
    { as: 'admin', run: (r) => r.workflows.list({ ...page, sort: 'updated_at' }) },
  ],
  [
    'workflows_owner_name',
    'the workflows of an owner by name',
    { as: 'owner', run: (r) => r.workflows.list({ ...page, sort: 'name' }) },
  ],
  [
    'workflows_name',
    'all workflows by name',
    { as: 'admin', run: (r) => r.workflows.list({ ...page, sort: 'name' }) },
  ],
  [
    'workflows_owner_deleted',
    'the deleted ones of an owner',
    { as: 'owner', run: (r) => r.workflows.list({ ...page, deleted: true }) },
  ],
  [
    'workflows_deleted',
    'the deleted ones, for an admin',
    { as: 'admin', run: (r) => r.workflows.list({ ...page, deleted: true }) },
  ],
  [
    'executions_workflow',
    'the newest executions of many workflows',
    { as: 'admin', run: (r) => r.executions.recentRuns(['wf_8', 'wf_9'], 10) },
  ],
  [
    'workflow_versions_pkey',
    'versions, newest first',
    { as: 'owner', run: (r) => r.versions.list('wf_400', page) },
  ],
  [
    'workflow_versions_tests',
    'the sweep of tested drafts',
    { as: 'engine', run: (db) => deleteUnusedTests(db) },
  ],
  ['executions_tests', 'the sweep of tested drafts', { as: 'engine', run: (db) => deleteUnusedTests(db) }],
  ['workflow_versions_pkey', 'a version', { as: 'owner', run: (r) => r.versions.get('wf_400', 1) }],
  ['drafts_pkey', 'a draft', { as: 'owner', run: (r) => r.drafts.get('wf_400') }],
  [
    'secrets_owner_name',
    'the list of secrets',
    { as: 'owner', run: (r, k) => r.secrets.list(k.owner.userId, page) },
  ],
  [
    'secrets_owner_name',
    'one secret',
    { as: 'owner', run: (r, k) => r.secrets.get(k.owner.userId, 'secret399') },
  ],
  [
    'secrets_owner_name',
    'the secrets of a step',
    {
      as: 'engine',
      run: (db, k) => readExecutionSecrets(db, keyring, k.execution, ['secret399', 'secret799']),
    },
  ],
  [
    'secrets_pkey',
    'noting a use',
    {
      as: 'engine',
      run: (db, k) => readExecutionSecrets(db, keyring, k.execution, ['secret399', 'secret799']),
    },
  ],
  [
    'secrets_key',
    'the sweep that re-encrypts',
    { as: 'engine', run: (db) => reencryptSecrets(db, keyring, null) },
  ],
  ['executions_pkey', 'one execution', { as: 'owner', run: (r, k) => r.executions.get(k.execution) }],
  ['executions_pkey', 'the list of an admin', { as: 'admin', run: (r) => r.executions.list(page) }],
  [
    'executions_pkey',
    'a window of time',
    { as: 'admin', run: (r) => r.executions.list({ ...page, until: recently() }) },
  ],
  [
    'executions_pkey',
    'the completed ones',
    { as: 'admin', run: (r) => r.executions.list({ ...page, statuses: ['completed'] }) },
  ],
  ['executions_owner', 'the list of an owner', { as: 'owner', run: (r) => r.executions.list(page) }],
  [
    'executions_owner',
    'a window of time of an owner',
    { as: 'owner', run: (r) => r.executions.list({ ...page, since: recently(), until: new Date() }) },
  ],
  [
    'executions_owner',
    'the completed ones of an owner',
    { as: 'owner', run: (r) => r.executions.list({ ...page, statuses: ['completed'] }) },
  ],
  [
    'executions_workflow',
    'the list of a workflow',
    { as: 'admin', run: (r) => r.executions.list({ ...page, workflowId: 'wf_8' }) },
  ],
  [
    'executions_workflow',
    'the list of an own workflow',
    { as: 'owner', run: (r) => r.executions.list({ ...page, workflowId: 'wf_400' }) },
  ],
  [
    'executions_workflow',
    'one version of a workflow',
    { as: 'admin', run: (r) => r.executions.list({ ...page, workflowId: 'wf_8', version: 2 }) },
  ],
  [
    'executions_submitted',
    'what somebody submitted for others',
    { as: 'admin', run: (r, k) => r.executions.list({ ...page, submittedById: k.submitter }) },
  ],
  [
    'executions_error_code',
    'those that failed with a code',
    { as: 'admin', run: (r) => r.executions.list({ ...page, errorCode: 'code77' }) },
  ],
  [
    'executions_pkey',
    'those whose id begins so',
    {
      as: 'admin',
      run: (r, k) => r.executions.list({ ...page, ids: { from: k.execution, to: k.execution } }),
    },
  ],
  [
    'executions_owner_unsuccessful',
    'counts of an owner',
    { as: 'owner', run: (r) => r.executions.count({}) },
  ],
  ['execution_state_owner', 'counts of an owner', { as: 'owner', run: (r) => r.executions.count({}) }],
  [
    'executions_unsuccessful',
    'the retries of a bulk request',
    {
      as: 'engine',
      run: (db) => selectForBulk(db, { action: 'retry', statuses: ['failed', 'timed_out'] }, 100),
    },
  ],
  [
    'executions_completed',
    'what ended in the last minutes',
    {
      as: 'engine',
      run: (db) => readEndedMinutes(db, [new Date(Date.now() - 60_000), new Date(Date.now() - 120_000)]),
    },
  ],
  ['execution_state_status', 'what is live', { as: 'engine', run: (db) => countQueue(db) }],
  ['workers_lease', 'all workers', { as: 'engine', run: (db) => readWorkers(db, 100) }],
  [
    'executions_unsuccessful',
    'the failed ones',
    { as: 'admin', run: (r) => r.executions.list({ ...page, statuses: ['failed'] }) },
  ],
  [
    'executions_owner_unsuccessful',
    'the failed ones of an owner',
    { as: 'owner', run: (r) => r.executions.list({ ...page, statuses: ['failed'] }) },
  ],
  [
    'executions_workflow_unsuccessful',
    'the failed ones of a workflow',
    { as: 'admin', run: (r) => r.executions.list({ ...page, statuses: ['failed'], workflowId: 'wf_8' }) },
  ],
  [
    'execution_state_pkey',
    'the progress of one execution',
    { as: 'owner', run: (r, k) => r.executions.get(k.execution) },
  ],
  [
    'execution_state_status',
    'the paused ones',
    { as: 'admin', run: (r) => r.executions.list({ ...page, statuses: ['paused'] }) },
  ],
  [
    'execution_state_owner',
    'the waiting ones of an owner',
    { as: 'owner', run: (r) => r.executions.list({ ...page, statuses: ['waiting'] }) },
  ],
  [
    'execution_state_workflow',
    'the waiting ones of a workflow',
    { as: 'admin', run: (r) => r.executions.list({ ...page, statuses: ['waiting'], workflowId: 'wf_8' }) },
  ],
  [
    'execution_state_workflow',
    'the heads a stream compares with',
    { as: 'engine', run: (db) => readWorkflowHeads(db, ['wf_8'], new Date()) },
  ],
  [
    'executions_dead_letters',
    'failures of an owner by cause',
    { as: 'owner', run: (r) => r.deadLetters.list(page) },
  ],
  [
    'executions_dead_letter',
    'the failures of one cause',
    {
      as: 'admin',
      run: (r, k) => r.executions.list({ ...page, errorFingerprint: k.fingerprint, isDead: true }),
    },
  ],
  [
    'executions_dead_letter',
    'a redrive',
    {
      as: 'engine',
      run: (db, k) => readDeadLetters(db, { fingerprint: k.fingerprint, ownerId: null }, 100),
    },
  ],
  [
    'executions_error_fingerprint',
    'executions that failed of one cause',
    { as: 'admin', run: (r, k) => r.executions.list({ ...page, errorFingerprint: k.fingerprint }) },
  ],
  [
    'executions_error_fingerprint',
    'whether a cause is known',
    {
      as: 'engine',
      run: (db, k) => isKnownFingerprint(db, { fingerprint: k.fingerprint, ownerId: null }),
    },
  ],
  [
    'executions_retries',
    'the repetitions of an execution',
    { as: 'admin', run: (r, k) => r.executions.list({ ...page, retryOf: k.execution }) },
  ],
  [
    'executions_children',
    'the children of an execution',
    { as: 'admin', run: (r, k) => r.executions.list({ ...page, parentId: k.execution }) },
  ],
  [
    'executions_finished',
    'what ended while a stream was away',
    { as: 'engine', run: (db) => readWorkflowHeads(db, ['wf_8'], new Date(Date.now() - 20 * 86_400_000)) },
  ],
  [
    'execution_state_pkey',
    'a claim',
    { as: 'engine', run: (db, k) => claimExecutions(db, k.worker, [k.execution]) },
  ],
  [
    'execution_state_redispatch',
    'hints that are due',
    { as: 'engine', run: (db) => takeRedispatchable(db, 100, 10) },
  ],
  ['execution_state_redispatch', 'what to scale on', { as: 'engine', run: (db) => countRunnable(db) }],
  ['execution_state_wake', 'timers that are due', { as: 'engine', run: (db) => wakeDue(db, 10) }],
  ['execution_state_wake', 'the nearest timer', { as: 'engine', run: (db) => nextWakeInMs(db) }],
  ['execution_state_worker', 'expired workers', { as: 'engine', run: (db) => releaseExpired(db, 10) }],
  [
    'execution_state_worker',
    'the unread messages of a worker',
    { as: 'engine', run: (db, k) => renewWorker(db, k.worker, { running: 0, draining: false }, 6) },
  ],
  [
    'execution_state_cancel',
    'overdue cancellations',
    { as: 'engine', run: (db) => overdueCancellations(db, 10) },
  ],
  [
    'execution_state_unread',
    'unread messages of sleepers',
    { as: 'engine', run: (db) => wakeUnread(db, 10) },
  ],
  ['execution_events_pkey', 'a log', { as: 'engine', run: (db, k) => readEvents(db, k.execution, 0, 100) }],
  ['execution_snapshots_pkey', 'recovery', { as: 'engine', run: (db, k) => readLogs(db, [k.execution]) }],
  [
    'budgets_pkey',
    'what was used of a budget',
    { as: 'engine', run: (db, k) => readBudgets(db, k.execution) },
  ],
  [
    'signals_pkey',
    'messages to an execution',
    { as: 'engine', run: (db, k) => readSignals(db, k.execution, 0) },
  ],
  [
    'idempotency_keys_pkey',
    'a repeated submission',
    {
      as: 'engine',
      run: (db, k) => findByKey(db, { ownerId: k.owner.userId, workflowId: 'wf_400', key: 'key59999' }),
    },
  ],
  ['idempotency_keys_expiry', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  [
    'workers_pkey',
    'a renewal',
    { as: 'engine', run: (db, k) => renewWorker(db, k.worker, { running: 0, draining: false }, 6) },
  ],
  ['workers_lease', 'workers long gone', { as: 'engine', run: (db) => deleteExpired(db) }],
  ['blobs_pkey', 'a payload', { as: 'owner', run: (r, k) => r.blobs.get(k.execution, k.blob) }],
  [
    'blobs_pkey',
    'a payload, for a worker',
    { as: 'engine', run: (db, k) => readJsonBlob(db, k.execution, k.blob) },
  ],
  [
    'step_logs_pkey',
    'the log of a step',
    { as: 'owner', run: (r, k) => r.stepLogs.list(k.execution, { ...page, stepId: 'a' }) },
  ],
  [
    'children_pkey',
    'a child that was started before',
    {
      as: 'engine',
      run: (db, k) =>
        findChildren(db, [{ executionId: k.execution, stepId: 'a', iteration: null, attempt: 1, slot: 1 }]),
    },
  ],
  [
    'children_child',
    'telling the parent of a child',
    { as: 'engine', run: (db, k) => readFinishedChildren(db, [k.execution]) },
  ],
  [
    'children_undelivered',
    'outcomes that were not delivered',
    { as: 'engine', run: (db) => readFinishedChildren(db) },
  ],
  [
    'children_live',
    'cancelling the children of an execution',
    { as: 'engine', run: (db, k) => cancellableChildren(db, [k.execution]) },
  ],
  ['approvals_owner', 'the approvals of an owner', { as: 'owner', run: (r) => r.approvals.list(page) }],
  [
    'approval_approvers_pkey',
    'approvals that name the caller',
    { as: 'owner', run: (r) => r.approvals.list(page) },
  ],
  [
    'approvals_workflow',
    'the approvals of a workflow',
    { as: 'admin', run: (r) => r.approvals.list({ ...page, workflowId: 'wf_8' }) },
  ],
  [
    'approvals_open',
    'what is open',
    { as: 'admin', run: (r) => r.approvals.list({ ...page, status: 'open' }) },
  ],
  [
    'approvals_owner_open',
    'how many an owner may decide',
    { as: 'owner', run: (r) => r.approvals.count({ mayDecide: true }) },
  ],
  [
    'approvals_open',
    'approvals of executions that have ended',
    { as: 'engine', run: (db) => closeAbandonedApprovals(db, 10) },
  ],
  [
    'approvals_pkey',
    'a decision',
    { as: 'engine', run: (db) => lockApproval(db, '01936d5e-8f00-7abc-8def-0123456789ab') },
  ],
  [
    'approvals_execution_id_step_id_iteration_attempt_key',
    'the end of an execution',
    { as: 'engine', run: (db, k) => closeApprovalsOf(db, [k.execution]) },
  ],
  ['approval_approvers_approval', 'old approvals', { as: 'engine', run: (db) => deleteExpired(db) }],
  [
    'event_waits_open',
    'an event that arrives',
    {
      as: 'engine',
      run: (db, k) => lockEventWaits(db, { ownerId: k.owner.userId, name: 'event999', key: 'key59999' }),
    },
  ],
  [
    'event_waits_pkey',
    'the end of an execution',
    { as: 'engine', run: (db, k) => deleteEventWaitsOf(db, [k.execution]) },
  ],
  [
    'external_events_kept',
    'a wait that begins',
    {
      as: 'engine',
      run: (db, k) => takeEvent(db, { ownerId: k.owner.userId, name: 'event', key: 'key59999' }),
    },
  ],
  [
    'external_events_pkey',
    'a wait that begins',
    {
      as: 'engine',
      run: (db, k) => takeEvent(db, { ownerId: k.owner.userId, name: 'event', key: 'key59999' }),
    },
  ],
  [
    'external_events_owner',
    'what is kept for an owner',
    { as: 'owner', run: (r) => r.events.listKept({ ...page, limit: 5 }) },
  ],
  [
    'external_events_pkey',
    'what is kept, for an admin',
    { as: 'admin', run: (r) => r.events.listKept(page) },
  ],
  [
    'event_waits_owner',
    'what an owner waits for',
    { as: 'owner', run: (r) => r.events.listWaits({ ...page, limit: 5 }) },
  ],
  [
    'event_waits_pkey',
    'what is waited for, for an admin',
    { as: 'admin', run: (r) => r.events.listWaits(page) },
  ],
  ['external_events_expiry', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  [
    'event_receipts_pkey',
    'the id of an event',
    {
      as: 'engine',
      run: (db, k) =>
        writeReceipt(db, { ownerId: k.owner.userId, id: 'event59999' }, { delivered: 1, kept: false }),
    },
  ],
  ['event_receipts_expiry', 'the sweep', { as: 'engine', run: (db) => deleteExpired(db) }],
  ['webhooks_path', 'a delivery', { as: 'engine', run: (db) => findWebhooks(db, ['path-wf_8']) }],
  [
    'webhooks_pkey',
    'one webhook',
    { as: 'engine', run: async (db, k) => readWebhookWorkflow(db, await webhookOf(db, k)) },
  ],
  [
    'webhooks_workflow',
    'the webhooks of a workflow',
    { as: 'owner', run: (r) => r.webhooks.list('wf_400', page) },
  ],
  ['webhook_deliveries_pkey', 'old deliveries', { as: 'engine', run: (db) => trimDeliveries(db) }],
  [
    'webhook_deliveries_webhook',
    'deliveries beyond the newest',
    { as: 'engine', run: (db) => trimDeliveries(db) },
  ],
  [
    'workflow_callbacks_pkey',
    'the secret that signs',
    { as: 'engine', run: (db) => readSigningSecrets(db, 'wf_400') },
  ],
  [
    'callbacks_pkey',
    'what came of an attempt',
    {
      as: 'engine',
      run: (db, k) =>
        settleCallback(
          db,
          { executionId: k.execution, claim: 0 },
          { state: 'delivered', status: 200, error: null },
        ),
    },
  ],
  [
    'callbacks_due',
    'callbacks that are due',
    { as: 'engine', run: (db) => claimCallbacks(db, { limit: 10, perHost: 4, busy: {}, leaseSeconds: 60 }) },
  ],
  ['callbacks_next', 'the next callback', { as: 'engine', run: (db) => nextCallbackInMs(db) }],
  ['callbacks_owner', 'the callbacks of an owner', { as: 'owner', run: (r) => r.callbacks.list(page) }],
  [
    'callbacks_workflow',
    'the callbacks of a workflow',
    { as: 'admin', run: (r) => r.callbacks.list({ ...page, workflowId: 'wf_8' }) },
  ],
  [
    'callbacks_state',
    'callbacks that were given up',
    { as: 'admin', run: (r) => r.callbacks.list({ ...page, status: 'failed' }) },
  ],
  ['callbacks_settled', 'the sweep', { as: 'engine', run: (db) => deleteSettledCallbacks(db) }],
];

async function webhookOf(db: pg.PoolClient, { owner }: Known): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT h.id FROM webhooks h JOIN workflows w ON w.id = h.workflow_id WHERE w.owner_id = $1 LIMIT 1`,
    [owner.userId],
  );
  return rows[0]?.id ?? '';
}

describe('indexes', function () {
  this.timeout(120_000);
  let bundle: Bundle;
  let known: Known;

  before(async () => {
    bundle = await setup();
    const row = await onOwnSession(async (client) => {
      await client.query(SEED);
      // Vacuumed, as tables are sooner or later, so that autovacuum changes no plan in between.
      await client.query('VACUUM ANALYZE');
      const { rows } = await client.query<KnownRow>(KNOWN);
      await client.query('DROP TABLE owners, runs');
      return rows[0];
    });
    if (!row) throw new Error('the seed lacks the known row');
    known = {
      owner: { userId: row.owner, admin: false },
      admin: { userId: row.owner, admin: true },
      execution: row.execution,
      blob: row.blob,
      worker: row.worker,
      session: row.session,
      key: row.key,
      fingerprint: row.fingerprint,
      submitter: row.submitter,
    };
  });
  after(() => bundle.end());

  /** A session that ended has reported what it scanned; here it is over when the server says so. */
  async function onOwnSession<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: bundle.url, application_name: 'seed' });
    await client.connect();
    const answer = await work(client).finally(() => client.end());
    await eventually(async () => {
      const { rowCount } = await bundle.owner.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'seed'`,
      );
      expect(rowCount).to.equal(0);
    });
    return answer;
  }

  /** How often each index was scanned, those of partitions counted for the partitioned one; and each table whole. */
  async function scans(): Promise<{ indexes: Map<string, number>; tables: Map<string, number> }> {
    const read = async (sql: string): Promise<Map<string, number>> => {
      const { rows } = await bundle.owner.query<{ name: string; scans: number }>(sql);
      return new Map(rows.map((row) => [row.name, row.scans]));
    };
    return {
      indexes: await read(`
        SELECT coalesce(i.inhparent, s.indexrelid)::regclass::text AS name, sum(s.idx_scan)::int AS scans
        FROM pg_stat_user_indexes s LEFT JOIN pg_inherits i ON i.inhrelid = s.indexrelid GROUP BY 1`),
      tables: await read(`
        SELECT relname AS name, seq_scan::int AS scans FROM pg_stat_user_tables WHERE n_live_tup > 1000`),
    };
  }

  /** Runs a case on connections of its own: a session that ends reports what it scanned. */
  async function perform(use: Run, planner: 'own' | 'default'): Promise<void> {
    if (use.as === 'engine') {
      const pool = createPool({
        databaseUrl: bundle.url,
        role: 'millrace_engine',
        max: 1,
        applicationName: 'case',
      });
      const client = await pool.connect();
      await client.query('BEGIN');
      if (planner === 'default') {
        for (const setting of ['seqscan', 'hashjoin', 'mergejoin']) {
          await client.query(`SET LOCAL enable_${setting} = on`);
        }
      }
      await use.run(client, known);
      await client.query('ROLLBACK');
      client.release();
      await pool.end();
      return;
    }
    const api: ApiDatabase = createApiDatabase({
      databaseUrl: bundle.url,
      applicationName: 'case',
      poolSize: 1,
    });
    await api.start();
    try {
      if (use.as === 'platform') await api.asPlatform((repositories) => use.run(repositories, known));
      else await api.asCaller(known[use.as], (repositories) => use.run(repositories, known));
    } finally {
      await api.stop();
    }
  }

  /** Performs the case and answers with the tables it read from end to end. Fails when it left the index alone. */
  async function tablesRead(index: string, run: Run, planner: 'own' | 'default'): Promise<string[]> {
    const before = await scans();
    await perform(run, planner);
    const after = await eventually(
      async () => {
        const now = await scans();
        const first = before.indexes.get(index) ?? 0;
        expect(now.indexes.get(index), `scans of ${index}`).to.be.greaterThan(first);
        return now;
      },
      { timeoutMs: 5_000 },
    );
    return [...after.tables.keys()].filter(
      (name) => (after.tables.get(name) ?? 0) > (before.tables.get(name) ?? 0),
    );
  }

  for (const [index, what, run] of USES) {
    it(`${index} serves ${what} (${run.as})`, async () => {
      // The engine's own settings rule scans out. An index worth its cost is chosen without them too.
      if (run.as === 'engine') await tablesRead(index, run, 'default');
      expect(await tablesRead(index, run, 'own'), 'tables read from end to end').to.deep.equal([]);
    });
  }

  it('are at least fifteen, and each has a call that uses it', async () => {
    const { rows } = await bundle.owner.query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
        AND t.relname <> 'schema_migrations'`);
    const names = rows.map((row) => row.name);
    expect(names).to.have.length.greaterThan(15);
    expect(names).to.have.members([...new Set(USES.map(([index]) => index))]);
  });
});

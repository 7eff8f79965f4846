import type { WebhookSettings, WorkflowStatus } from '@millrace/contracts';
import { isUuid } from '../caller.js';
import type { Queryable } from '../pool.js';
import type { SealedSecrets } from '../repositories/webhooks.js';

/** What has to be known of a webhook to judge a delivery, and of the workflow and user it acts for. */
export interface WebhookTarget extends SealedSecrets {
  id: string;
  path: string;
  workflowId: string;
  settings: WebhookSettings;
  enabled: boolean;
  workflow: { status: WorkflowStatus; deleted: boolean };
  owner: { id: string; username: string; disabled: boolean; scopes: string[] };
}

/** By path, as the database is at this moment. The secret before counts only while its time is not over. */
export async function findWebhooks(
  db: Queryable,
  paths: readonly string[],
): Promise<ReadonlyMap<string, WebhookTarget>> {
  const { rows } = await db.query<{
    id: string;
    path: string;
    workflow_id: string;
    settings: WebhookSettings;
    secret: string | null;
    previous_secret: string | null;
    previous_secret_until: Date | null;
    enabled: boolean;
    status: WorkflowStatus;
    deleted: boolean;
    owner_id: string;
    username: string;
    disabled: boolean;
    scopes: string[];
  }>({
    name: 'find_webhooks',
    text: `SELECT h.id, h.path, h.workflow_id, h.settings, h.secret, h.enabled,
             CASE WHEN h.previous_secret_until > now() THEN h.previous_secret END AS previous_secret,
             h.previous_secret_until, w.status, w.deleted_at IS NOT NULL AS deleted, w.owner_id, u.username,
             u.disabled OR u.deleted_at IS NOT NULL AS disabled, u.scopes
           FROM webhooks h JOIN workflows w ON w.id = h.workflow_id JOIN users u ON u.id = w.owner_id
           WHERE h.path = ANY($1::text[])`,
    values: [paths],
  });
  return new Map(
    rows.map((row) => [
      row.path,
      {
        id: row.id,
        path: row.path,
        workflowId: row.workflow_id,
        settings: row.settings,
        secret: row.secret,
        previousSecret: row.previous_secret,
        previousSecretUntil: row.previous_secret_until,
        enabled: row.enabled,
        workflow: { status: row.status, deleted: row.deleted },
        owner: { id: row.owner_id, username: row.username, disabled: row.disabled, scopes: row.scopes },
      },
    ]),
  );
}

/** The workflow of a webhook, whoever owns it; undefined for a text that is no id of one. */
export async function readWebhookWorkflow(db: Queryable, id: string): Promise<string | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await db.query<{ workflow_id: string }>({
    name: 'read_webhook_workflow',
    text: 'SELECT workflow_id FROM webhooks WHERE id = $1',
    values: [id],
  });
  return rows[0]?.workflow_id;
}

export interface NewDelivery {
  webhookId: string;
  receivedAt: Date;
  method: string;
  status: number;
  sizeBytes: number;
  durationMs: number;
  deliveryKey: string | null;
  /** The bare UUID. */
  executionId: string | null;
  reason: string | null;
}

/** Those of webhooks that were deleted meanwhile are left out. */
export async function recordDeliveries(db: Queryable, deliveries: readonly NewDelivery[]): Promise<void> {
  await db.query({
    name: 'record_deliveries',
    text: `INSERT INTO webhook_deliveries (webhook_id, received_at, method, status, size_bytes, duration_ms,
             delivery_key, execution_id, reason)
           SELECT d.* FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::int[], $6::int[],
             $7::text[], $8::uuid[], $9::text[])
             AS d(webhook_id, received_at, method, status, size_bytes, duration_ms, delivery_key, execution_id, reason)
           WHERE EXISTS (SELECT 1 FROM webhooks h WHERE h.id = d.webhook_id)`,
    values: [
      deliveries.map((d) => d.webhookId),
      deliveries.map((d) => d.receivedAt),
      deliveries.map((d) => d.method),
      deliveries.map((d) => d.status),
      deliveries.map((d) => d.sizeBytes),
      deliveries.map((d) => d.durationMs),
      deliveries.map((d) => d.deliveryKey),
      deliveries.map((d) => d.executionId),
      deliveries.map((d) => d.reason),
    ],
  });
}

/** Deliveries a webhook keeps, and for how long. */
export const KEPT_DELIVERIES = 1_000;
export const KEPT_DELIVERY_DAYS = 7;
const TRIM_BATCH = 5_000;

/** Forgets old deliveries and, of busy webhooks, all but the newest. Returns how many. */
export async function trimDeliveries(db: Queryable): Promise<number> {
  const old = await db.query(
    `DELETE FROM webhook_deliveries WHERE id IN (
       SELECT id FROM webhook_deliveries
       WHERE id < uuid7_floor(now() - make_interval(days => $1)) ORDER BY id LIMIT $2)`,
    [KEPT_DELIVERY_DAYS, TRIM_BATCH],
  );
  const beyond = await db.query(
    `DELETE FROM webhook_deliveries d USING (
       SELECT h.id, (SELECT n.id FROM webhook_deliveries n WHERE n.webhook_id = h.id
                     ORDER BY n.id DESC OFFSET $1 LIMIT 1) AS oldest
       FROM webhooks h OFFSET 0) kept
     WHERE d.webhook_id = kept.id AND d.id < kept.oldest`,
    [KEPT_DELIVERIES - 1],
  );
  return (old.rowCount ?? 0) + (beyond.rowCount ?? 0);
}

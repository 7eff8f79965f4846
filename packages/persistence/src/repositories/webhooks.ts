import type { WebhookDelivery, WebhookSettings } from '@millrace/contracts';
import { isUuid, type Caller } from '../caller.js';
import { fetchSize, pageOf, uuidCursor, type Page, type PageRequest } from '../paging.js';
import type { NewDelivery } from '../queries/webhooks.js';
import type { Session } from './session.js';
import { isStorable } from './text.js';

/** A secret as it is stored: encrypted. The one before it counts until a moment. */
export interface SealedSecrets {
  secret: string | null;
  previousSecret: string | null;
  previousSecretUntil: Date | null;
}

export interface WebhookRecord extends SealedSecrets {
  id: string;
  workflowId: string;
  path: string;
  name: string;
  settings: WebhookSettings;
  enabled: boolean;
  createdAt: Date;
  updatedAt: Date;
  /** Usernames. */
  createdBy: string;
  updatedBy: string;
}

export interface NewWebhook {
  /** Made by whoever seals the secret, which is bound to it. */
  id: string;
  workflowId: string;
  path: string;
  name: string;
  settings: WebhookSettings;
  secret: string | null;
  enabled: boolean;
}

export interface WebhookChanges {
  path?: string | undefined;
  name?: string | undefined;
  settings?: WebhookSettings | undefined;
  enabled?: boolean | undefined;
  secrets?: { secret: string | null; keepPreviousSeconds: number } | undefined;
}

export interface DeliveryRecord extends Omit<NewDelivery, 'webhookId' | 'reason'> {
  id: string;
  reason: WebhookDelivery['reason'];
}

/** The caller's webhooks and what arrived at them. A taken path is `taken`: the database decides, not a look before. */
export interface WebhookRepository {
  list(workflowId: string, page: PageRequest): Promise<Page<WebhookRecord>>;
  get(id: string): Promise<WebhookRecord | undefined>;
  /** For a webhook to be: by the database's clock, so that ids sort by age. */
  newId(): Promise<string>;
  create(webhook: NewWebhook): Promise<'created' | 'taken'>;
  /** `unknown` when it is not there or not the caller's. */
  update(id: string, changes: WebhookChanges): Promise<'updated' | 'taken' | 'unknown'>;
  remove(id: string): Promise<boolean>;
  deliveries(
    id: string,
    filter: PageRequest & { outcome?: 'accepted' | 'refused' | undefined },
  ): Promise<Page<DeliveryRecord>>;
}

interface WebhookColumns {
  id: string;
  workflow_id: string;
  path: string;
  name: string;
  settings: WebhookSettings;
  secret: string | null;
  previous_secret: string | null;
  previous_secret_until: Date | null;
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
  created_by: string;
  updated_by: string;
}

const SELECT = `
  SELECT h.id, h.workflow_id, h.path, h.name, h.settings, h.secret, h.previous_secret, h.previous_secret_until,
    h.enabled, h.created_at, h.updated_at, coalesce(c.username, h.created_by::text) AS created_by,
    coalesce(u.username, h.updated_by::text) AS updated_by
  FROM webhooks h LEFT JOIN users c ON c.id = h.created_by LEFT JOIN users u ON u.id = h.updated_by`;

export function toWebhook(row: WebhookColumns): WebhookRecord {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    path: row.path,
    name: row.name,
    settings: row.settings,
    secret: row.secret,
    previousSecret: row.previous_secret,
    previousSecretUntil: row.previous_secret_until,
    enabled: row.enabled,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
    updatedBy: row.updated_by,
  };
}

export function webhookRepository(session: Session, caller: Caller): WebhookRepository {
  return {
    async list(workflowId, page) {
      const before = uuidCursor(page.cursor) ?? null;
      if (!isStorable(workflowId)) return { items: [] };
      const rows = await session.rows<WebhookColumns>(
        `${SELECT} WHERE h.workflow_id = $1 AND ($2::uuid IS NULL OR h.id < $2) ORDER BY h.id DESC LIMIT $3`,
        [workflowId, before, fetchSize(page)],
      );
      return pageOf(rows, page, (row) => row.id, toWebhook);
    },

    async get(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await session.rows<WebhookColumns>(`${SELECT} WHERE h.id = $1`, [id]);
      return row && toWebhook(row);
    },

    async newId() {
      const [row] = await session.rows<{ id: string }>('SELECT uuid7() AS id');
      if (!row) throw new Error('SELECT gave no row');
      return row.id;
    },

    async create(webhook) {
      const made = await session.affected(
        `INSERT INTO webhooks (id, workflow_id, path, name, settings, secret, enabled, created_by, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (path) DO NOTHING`,
        [
          webhook.id,
          webhook.workflowId,
          webhook.path,
          webhook.name,
          JSON.stringify(webhook.settings),
          webhook.secret,
          webhook.enabled,
          caller.userId,
        ],
      );
      return made === 1 ? 'created' : 'taken';
    },

    async update(id, { path, name, settings, enabled, secrets }) {
      if (!isUuid(id)) return 'unknown';
      const updated = await session
        .affected(
          `UPDATE webhooks SET
             path = coalesce($2, path), name = coalesce($3, name), settings = coalesce($4::json, settings),
             enabled = coalesce($5, enabled), updated_by = $6,
             previous_secret = CASE WHEN NOT $7 THEN previous_secret WHEN $9 > 0 THEN secret END,
             previous_secret_until = CASE WHEN NOT $7 THEN previous_secret_until
               WHEN $9 > 0 AND secret IS NOT NULL THEN now() + make_interval(secs => $9) END,
             secret = CASE WHEN $7 THEN $8 ELSE secret END
           WHERE id = $1`,
          [
            id,
            path ?? null,
            name ?? null,
            settings === undefined ? null : JSON.stringify(settings),
            enabled ?? null,
            caller.userId,
            secrets !== undefined,
            secrets?.secret ?? null,
            secrets?.keepPreviousSeconds ?? 0,
          ],
        )
        .catch((error: unknown) => {
          if (isTakenPath(error)) return 'taken' as const;
          throw error;
        });
      if (updated === 'taken') return updated;
      return updated === 1 ? 'updated' : 'unknown';
    },

    async remove(id) {
      if (!isUuid(id)) return false;
      return (await session.affected('DELETE FROM webhooks WHERE id = $1', [id])) === 1;
    },

    async deliveries(id, filter) {
      const before = uuidCursor(filter.cursor) ?? null;
      if (!isUuid(id)) return { items: [] };
      const rows = await session.rows<DeliveryColumns>(
        `SELECT id, received_at, method, status, size_bytes, duration_ms, delivery_key, execution_id, reason
         FROM webhook_deliveries
         WHERE webhook_id = $1 AND ($2::uuid IS NULL OR id < $2)
           AND ($3::boolean IS NULL OR (status < 400) = $3)
         ORDER BY id DESC LIMIT $4`,
        [id, before, filter.outcome === undefined ? null : filter.outcome === 'accepted', fetchSize(filter)],
      );
      return pageOf(rows, filter, (row) => row.id, toDelivery);
    },
  };
}

interface DeliveryColumns {
  id: string;
  received_at: Date;
  method: string;
  status: number;
  size_bytes: number;
  duration_ms: number;
  delivery_key: string | null;
  execution_id: string | null;
  reason: string | null;
}

function toDelivery(row: DeliveryColumns): DeliveryRecord {
  return {
    id: row.id,
    receivedAt: row.received_at,
    method: row.method,
    status: row.status,
    sizeBytes: row.size_bytes,
    durationMs: row.duration_ms,
    deliveryKey: row.delivery_key,
    executionId: row.execution_id,
    reason: row.reason,
  };
}

function isTakenPath(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'constraint' in error &&
    error.constraint === 'webhooks_path'
  );
}

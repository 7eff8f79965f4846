import { toExecutionId, type WebhookDelivery, type WebhookResource } from '@millrace/contracts';
import type { DeliveryRecord, WebhookRecord } from '@millrace/persistence';
import { isoTime } from '../http/dates.js';

export function toWebhookResource(record: WebhookRecord): WebhookResource {
  const { id, name, path, enabled, settings } = record;
  const { methods, signature, mapping, response, idempotency = null, content_types } = settings;
  const until = record.previousSecretUntil;
  return {
    id,
    workflow_id: record.workflowId,
    ...{ name, path, enabled, methods, signature, mapping, response, content_types },
    idempotency,
    url: `/hooks/${path}`,
    has_secret: record.secret !== null,
    previous_secret_until: until !== null && until.getTime() > Date.now() ? isoTime(until) : null,
    created_at: isoTime(record.createdAt),
    updated_at: isoTime(record.updatedAt),
    created_by: record.createdBy,
    updated_by: record.updatedBy,
  };
}

export function toDeliveryResource(record: DeliveryRecord): WebhookDelivery {
  const { id, method, status, reason } = record;
  return {
    ...{ id, method, status, reason },
    received_at: isoTime(record.receivedAt),
    size_bytes: record.sizeBytes,
    duration_ms: record.durationMs,
    delivery_key: record.deliveryKey,
    execution_id: record.executionId === null ? null : toExecutionId(record.executionId),
  };
}

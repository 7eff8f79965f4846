import type { DraftResource, WorkflowResource, WorkflowSummary } from '@millrace/contracts';
import type { DraftRecord, WorkflowRecord, WorkflowSummaryRecord } from '@millrace/persistence';
import { isoTime } from '../http/dates.js';

export function toSummaryResource(record: WorkflowSummaryRecord): WorkflowSummary {
  const { id, name, description, status, owner, version, revision, metadata, tags } = record;
  return {
    id,
    workflow_id: id,
    ...{ name, description, status, owner, version, revision },
    node_count: record.nodeCount,
    ...{ metadata, tags },
    created_at: isoTime(record.createdAt),
    updated_at: isoTime(record.updatedAt),
    created_by: record.createdBy,
    updated_by: record.updatedBy,
  };
}

/** `message` tells what a write did. */
export function toWorkflowResource(record: WorkflowRecord, message?: string): WorkflowResource {
  const { nodes, edges, parameters_schema, timeout_seconds, on_failure, budget, ui } = record.definition;
  return {
    ...toSummaryResource(record),
    ...{ nodes, edges },
    ...(parameters_schema && { parameters_schema }),
    ...(timeout_seconds !== undefined && { timeout_seconds }),
    ...(on_failure && { on_failure }),
    ...(budget && { budget }),
    ...(ui && { ui }),
    ...(message !== undefined && { message }),
  };
}

export function toDraftResource(draft: DraftRecord): DraftResource {
  return {
    workflow_id: draft.workflowId,
    revision: draft.revision,
    definition: draft.definition,
    updated_at: isoTime(draft.updatedAt),
    updated_by: draft.updatedBy,
  };
}

import {
  type Definition,
  type DraftResource,
  type RecentRun,
  toExecutionId,
  type VersionResource,
  type VersionSummary,
  type WorkflowResource,
  type WorkflowSummary,
} from '@millrace/contracts';
import type {
  DraftRecord,
  RecentRunRecord,
  WorkflowRecord,
  WorkflowSummaryRecord,
  WorkflowVersionRecord,
  WorkflowVersionSummary,
} from '@millrace/persistence';
import { secondsBetween } from '@millrace/runtime';
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
    ...(record.deletedAt && { deleted_at: isoTime(record.deletedAt) }),
  };
}

/** `message` tells what a write did. */
export function toWorkflowResource(record: WorkflowRecord, message?: string): WorkflowResource {
  return {
    ...toSummaryResource(record),
    ...toContent(record.definition),
    ...(message !== undefined && { message }),
  };
}

type Content = Omit<Definition, 'name' | 'description' | 'metadata'>;

function toContent(definition: Definition): Content {
  const { nodes, edges, parameters_schema, timeout_seconds, on_failure, budget, ui } = definition;
  return {
    ...{ nodes, edges },
    ...(parameters_schema && { parameters_schema }),
    ...(timeout_seconds !== undefined && { timeout_seconds }),
    ...(on_failure && { on_failure }),
    ...(budget && { budget }),
    ...(ui && { ui }),
  };
}

/** `current` is the version that runs. */
export function toVersionSummary(record: WorkflowVersionSummary, current: number): VersionSummary {
  return {
    workflow_id: record.workflowId,
    version: record.version,
    name: record.name,
    node_count: record.nodeCount,
    current: record.version === current,
    restored_from: record.restoredFrom,
    created_at: isoTime(record.createdAt),
    created_by: record.createdBy,
  };
}

export function toVersionResource(record: WorkflowVersionRecord, current: number): VersionResource {
  const { description, metadata } = record.definition;
  return {
    ...toVersionSummary(record, current),
    description,
    ...toContent(record.definition),
    metadata,
  };
}

export function toRecentRun({ id, status, createdAt, startedAt, completedAt }: RecentRunRecord): RecentRun {
  return {
    execution_id: toExecutionId(id),
    status,
    created_at: isoTime(createdAt),
    duration_seconds: startedAt && completedAt ? secondsBetween(startedAt, completedAt) : null,
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

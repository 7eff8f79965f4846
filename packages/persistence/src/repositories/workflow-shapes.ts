import type { Definition, JsonObject, WorkflowStatus } from '@millrace/contracts';
import { secretNamesIn } from '@millrace/engine';
import type { WorkflowRow, WorkflowVersionRow } from '../entities/workflow.js';

/** A workflow without its graph, as lists show it. */
export interface WorkflowSummaryRecord {
  id: string;
  name: string;
  description: string;
  status: WorkflowStatus;
  ownerId: string;
  /** Usernames, also of users deleted since. */
  owner: string;
  createdBy: string;
  updatedBy: string;
  /** The newest published version. */
  version: number;
  /** Raised by every write; the ETag. */
  revision: number;
  nodeCount: number;
  metadata: JsonObject;
  tags: string[];
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
}

export interface WorkflowRecord extends WorkflowSummaryRecord {
  definition: Definition;
}

export interface WorkflowVersionSummary {
  workflowId: string;
  version: number;
  /** Of the workflow when the version was published. */
  name: string;
  nodeCount: number;
  /** The earlier version whose content it has. */
  restoredFrom: number | null;
  createdBy: string;
  createdAt: Date;
  /** SHA-256 of the graph. */
  fingerprint: Buffer;
}

export interface WorkflowVersionRecord extends WorkflowVersionSummary {
  /** As it was published; it never changes. */
  definition: Definition;
}

export interface DraftRecord {
  workflowId: string;
  /** What is being edited: any JSON object, complete or not. */
  definition: JsonObject;
  revision: number;
  updatedBy: string;
  updatedAt: Date;
}

/** The columns that repeat parts of the definition so that lists and filters need not read it. */
export function derivedColumns(definition: Definition): {
  name: string;
  description: string;
  nodeCount: number;
  metadata: Definition['metadata'];
  tags: string[];
  secretNames: string[];
} {
  return {
    name: definition.name,
    description: definition.description,
    nodeCount: definition.nodes.length,
    metadata: definition.metadata,
    tags: [...new Set(definition.metadata.tags ?? [])],
    secretNames: secretNamesIn(
      [...definition.nodes, ...(definition.on_failure?.nodes ?? [])].flatMap(
        ({ data: { config, input = null } }) => [config, input],
      ),
    ),
  };
}

export function toSummary(row: WorkflowRow): WorkflowSummaryRecord {
  const { id, name, description, status, ownerId, version, revision, nodeCount, metadata, tags } = row;
  const { createdAt, updatedAt, deletedAt } = row;
  return {
    ...{ id, name, description, status, ownerId, version, revision, nodeCount, metadata, tags },
    owner: row.owner?.username ?? row.ownerId,
    createdBy: row.creator?.username ?? row.createdBy,
    updatedBy: row.editor?.username ?? row.updatedBy,
    ...{ createdAt, updatedAt, deletedAt },
  };
}

export function toWorkflow(row: WorkflowRow): WorkflowRecord {
  return { ...toSummary(row), definition: row.definition };
}

export function toVersionSummary(row: WorkflowVersionRow): WorkflowVersionSummary {
  const { workflowId, version, name, nodeCount, restoredFrom, createdAt, fingerprint } = row;
  return {
    ...{ workflowId, version, name, nodeCount, restoredFrom, createdAt, fingerprint },
    createdBy: row.creator?.username ?? row.createdBy,
  };
}

export function toVersion(row: WorkflowVersionRow): WorkflowVersionRecord {
  return { ...toVersionSummary(row), definition: row.definition };
}

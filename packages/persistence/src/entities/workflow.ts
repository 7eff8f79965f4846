import type { Definition, JsonObject, WorkflowStatus } from '@millrace/contracts';
import { table } from './table.js';
import type { UserRow } from './user.js';

export interface WorkflowRow {
  id: string;
  ownerId: string;
  name: string;
  description: string;
  status: WorkflowStatus;
  version: number;
  revision: number;
  nodeCount: number;
  metadata: JsonObject;
  tags: string[];
  definition: Definition;
  fingerprint: Buffer;
  createdBy: string;
  updatedBy: string;
  createdAt: Date;
  updatedAt: Date;
  sortKey: string;
  nameKey: string;
  deletedAt: Date | null;
  deletedBy: string | null;
  owner?: UserRow;
  creator?: UserRow;
  editor?: UserRow;
}

/** `definition` and `fingerprint` are read only where they are asked for: a list of large graphs stays light. */
export const WorkflowEntity = table<WorkflowRow>({
  name: 'Workflow',
  tableName: 'workflows',
  columns: {
    id: { type: 'text', primary: true },
    ownerId: { name: 'owner_id', type: 'uuid' },
    name: { type: 'text' },
    description: { type: 'text' },
    status: { type: 'text' },
    version: { type: 'int' },
    revision: { type: 'int' },
    nodeCount: { name: 'node_count', type: 'int' },
    metadata: { type: 'jsonb' },
    tags: { type: 'text', array: true },
    definition: { type: 'json', select: false },
    fingerprint: { type: 'bytea', select: false },
    createdBy: { name: 'created_by', type: 'uuid' },
    updatedBy: { name: 'updated_by', type: 'uuid' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
    sortKey: { name: 'sort_key', type: 'uuid' },
    nameKey: { name: 'name_key', type: 'text' },
    deletedAt: { name: 'deleted_at', type: 'timestamptz', nullable: true },
    deletedBy: { name: 'deleted_by', type: 'uuid', nullable: true },
  },
  relations: {
    owner: { type: 'many-to-one', target: 'User', joinColumn: { name: 'owner_id' } },
    creator: { type: 'many-to-one', target: 'User', joinColumn: { name: 'created_by' } },
    editor: { type: 'many-to-one', target: 'User', joinColumn: { name: 'updated_by' } },
  },
});

export interface WorkflowVersionRow {
  workflowId: string;
  version: number;
  name: string;
  nodeCount: number;
  restoredFrom: number | null;
  definition: Definition;
  fingerprint: Buffer;
  createdBy: string;
  createdAt: Date;
  creator?: UserRow;
}

export const WorkflowVersionEntity = table<WorkflowVersionRow>({
  name: 'WorkflowVersion',
  tableName: 'workflow_versions',
  columns: {
    workflowId: { name: 'workflow_id', type: 'text', primary: true },
    version: { type: 'int', primary: true },
    name: { type: 'text' },
    nodeCount: { name: 'node_count', type: 'int' },
    restoredFrom: { name: 'restored_from', type: 'int', nullable: true },
    definition: { type: 'json', select: false },
    fingerprint: { type: 'bytea' },
    createdBy: { name: 'created_by', type: 'uuid' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
  },
  relations: {
    creator: { type: 'many-to-one', target: 'User', joinColumn: { name: 'created_by' } },
  },
});

export interface DraftRow {
  workflowId: string;
  definition: JsonObject;
  revision: number;
  updatedBy: string;
  createdAt: Date;
  updatedAt: Date;
  editor?: UserRow;
}

export const DraftEntity = table<DraftRow>({
  name: 'Draft',
  tableName: 'drafts',
  columns: {
    workflowId: { name: 'workflow_id', type: 'text', primary: true },
    definition: { type: 'json' },
    revision: { type: 'int' },
    updatedBy: { name: 'updated_by', type: 'uuid' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
  },
  relations: {
    editor: { type: 'many-to-one', target: 'User', joinColumn: { name: 'updated_by' } },
  },
});

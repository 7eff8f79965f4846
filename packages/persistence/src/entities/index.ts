import { ApiKeyEntity } from './credentials.js';
import { ExecutionEntity, ExecutionStateEntity } from './execution.js';
import { BlobEntity, StepLogEntity } from './payload.js';
import { UserEntity } from './user.js';
import { DraftEntity, WorkflowEntity, WorkflowVersionEntity } from './workflow.js';

/** The tables that repositories read and write through TypeORM. The schema itself is the migrations' alone. */
export const ENTITIES = [
  UserEntity,
  ApiKeyEntity,
  WorkflowEntity,
  WorkflowVersionEntity,
  DraftEntity,
  ExecutionEntity,
  ExecutionStateEntity,
  BlobEntity,
  StepLogEntity,
];

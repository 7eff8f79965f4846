import type {
  ExecutionError,
  ExecutionResult,
  ExecutionStatus,
  JsonObject,
  TerminalStatus,
} from '@millrace/contracts';
import { table } from './table.js';
import type { UserRow } from './user.js';

export interface ExecutionRow {
  id: string;
  workflowId: string;
  workflowVersion: number;
  untilStep: string | null;
  ownerId: string;
  submittedBy: string;
  parameters: JsonObject;
  createdAt: Date;
  retryOf: string | null;
  rootId: string;
  traceId: string;
  stepsTotal: number;
  status: TerminalStatus | null;
  startedAt: Date | null;
  completedAt: Date | null;
  stepsCompleted: number | null;
  result: ExecutionResult | null;
  error: ExecutionError | null;
  finalSeq: number | null;
  owner?: UserRow | null;
  submitter?: UserRow | null;
  /** Joined by the reader; there is no foreign key to a partitioned table. */
  live?: ExecutionStateRow | null;
}

/** What was asked and what came of it. Written by the runtime alone; read here. */
export const ExecutionEntity = table<ExecutionRow>({
  name: 'Execution',
  tableName: 'executions',
  columns: {
    id: { type: 'uuid', primary: true },
    workflowId: { name: 'workflow_id', type: 'text' },
    workflowVersion: { name: 'workflow_version', type: 'int' },
    untilStep: { name: 'until_step', type: 'text', nullable: true },
    ownerId: { name: 'owner_id', type: 'uuid' },
    submittedBy: { name: 'submitted_by', type: 'uuid' },
    parameters: { type: 'json' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    retryOf: { name: 'retry_of', type: 'uuid', nullable: true },
    rootId: { name: 'root_id', type: 'uuid' },
    traceId: { name: 'trace_id', type: 'text' },
    stepsTotal: { name: 'steps_total', type: 'int' },
    status: { type: 'text', nullable: true },
    startedAt: { name: 'started_at', type: 'timestamptz', nullable: true },
    completedAt: { name: 'completed_at', type: 'timestamptz', nullable: true },
    stepsCompleted: { name: 'steps_completed', type: 'int', nullable: true },
    result: { type: 'json', nullable: true },
    error: { type: 'json', nullable: true },
    finalSeq: { name: 'final_seq', type: 'int', nullable: true },
  },
  relations: {
    owner: { type: 'many-to-one', target: 'User', joinColumn: { name: 'owner_id' } },
    submitter: { type: 'many-to-one', target: 'User', joinColumn: { name: 'submitted_by' } },
  },
});

export interface ExecutionStateRow {
  executionId: string;
  workflowId: string;
  ownerId: string;
  status: Exclude<ExecutionStatus, TerminalStatus>;
  lastSeq: number;
  startedAt: Date | null;
  stepsCompleted: number;
  currentStep: string | null;
  cancelRequestedAt: Date | null;
}

/** The part of the hot row that readers show; the rest is the runtime's own. */
export const ExecutionStateEntity = table<ExecutionStateRow>({
  name: 'ExecutionState',
  tableName: 'execution_state',
  columns: {
    executionId: { name: 'execution_id', type: 'uuid', primary: true },
    workflowId: { name: 'workflow_id', type: 'text' },
    ownerId: { name: 'owner_id', type: 'uuid' },
    status: { type: 'text' },
    lastSeq: { name: 'last_seq', type: 'int' },
    startedAt: { name: 'started_at', type: 'timestamptz', nullable: true },
    stepsCompleted: { name: 'steps_completed', type: 'int' },
    currentStep: { name: 'current_step', type: 'text', nullable: true },
    cancelRequestedAt: { name: 'cancel_requested_at', type: 'timestamptz', nullable: true },
  },
});

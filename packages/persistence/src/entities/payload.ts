import type { LogLine } from '@millrace/contracts';
import { table } from './table.js';

export interface BlobRow {
  executionId: string;
  id: string;
  contentType: string;
  sizeBytes: number;
  content: Buffer;
  createdAt: Date;
}

export const BlobEntity = table<BlobRow>({
  name: 'Blob',
  tableName: 'blobs',
  columns: {
    executionId: { name: 'execution_id', type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true },
    contentType: { name: 'content_type', type: 'text' },
    sizeBytes: { name: 'size_bytes', type: 'int' },
    content: { type: 'bytea' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
  },
});

export interface StepLogRow {
  executionId: string;
  stepId: string;
  /** Empty at the top level. */
  iteration: number[];
  attempt: number;
  line: number;
  at: Date;
  level: LogLine['level'];
  message: string;
}

export const StepLogEntity = table<StepLogRow>({
  name: 'StepLog',
  tableName: 'step_logs',
  columns: {
    executionId: { name: 'execution_id', type: 'uuid', primary: true },
    stepId: { name: 'step_id', type: 'text', primary: true },
    iteration: { type: 'int', array: true, primary: true },
    attempt: { type: 'int', primary: true },
    line: { type: 'int', primary: true },
    at: { type: 'timestamptz' },
    level: { type: 'text' },
    message: { type: 'text' },
  },
});

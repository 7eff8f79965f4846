import { type ExecutionResource, type LogLine, toExecutionId } from '@millrace/contracts';
import type { ExecutionRecord, StepLogRecord } from '@millrace/persistence';
import { isoTime, isoTimeOrNull } from '../http/dates.js';

export function toExecutionResource(record: ExecutionRecord): ExecutionResource {
  const { status, parameters, result, error, owner, startedAt, completedAt } = record;
  return {
    execution_id: toExecutionId(record.id),
    workflow_id: record.workflowId,
    workflow_version: record.workflowVersion,
    ...{ status, parameters },
    created_at: isoTime(record.createdAt),
    started_at: isoTimeOrNull(startedAt),
    completed_at: isoTimeOrNull(completedAt),
    duration_seconds: startedAt && completedAt ? secondsBetween(startedAt, completedAt) : null,
    current_step: record.currentStep,
    steps_completed: record.stepsCompleted,
    steps_total: record.stepsTotal,
    ...{ result, error, owner },
    submitted_by: record.submittedBy,
    retry_of: record.retryOf === null ? null : toExecutionId(record.retryOf),
    root_id: toExecutionId(record.rootId),
    trace_id: record.traceId,
  };
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1_000;
}

export function toLogLine(record: StepLogRecord): LogLine {
  const { stepId, attempt, line, at, level, message } = record;
  return { step_id: stepId, ...{ attempt, line }, timestamp: isoTime(at), ...{ level, message } };
}

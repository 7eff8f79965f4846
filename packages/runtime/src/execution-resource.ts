import { type ExecutionResource, isTestVersion, toExecutionId } from '@millrace/contracts';
import type { ExecutionRecord } from '@millrace/persistence';

/** An execution as the API and callbacks show it. */
export function toExecutionResource(record: ExecutionRecord): ExecutionResource {
  const { status, parameters, result, error, usage, owner, startedAt, completedAt } = record;
  return {
    execution_id: toExecutionId(record.id),
    workflow_id: record.workflowId,
    workflow_name: record.workflowName,
    workflow_version: record.workflowVersion,
    test: isTestVersion(record.workflowVersion),
    until_step: record.untilStep,
    ...{ status, parameters },
    created_at: record.createdAt.toISOString(),
    started_at: startedAt?.toISOString() ?? null,
    completed_at: completedAt?.toISOString() ?? null,
    duration_seconds: startedAt && completedAt ? secondsBetween(startedAt, completedAt) : null,
    current_step: record.currentStep,
    steps_completed: record.stepsCompleted,
    steps_total: record.stepsTotal,
    ...{ result, error, usage, owner },
    submitted_by: record.submittedBy,
    retry_of: record.retryOf === null ? null : toExecutionId(record.retryOf),
    root_id: toExecutionId(record.rootId),
    parent_id: record.parentId === null ? null : toExecutionId(record.parentId),
    error_fingerprint: record.errorFingerprint,
    resolution: record.resolution,
    trace_id: record.traceId,
  };
}

export function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1_000;
}

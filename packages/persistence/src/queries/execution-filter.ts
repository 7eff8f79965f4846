import { type ExecutionStatus, isTerminal } from '@millrace/contracts';
import { isDeadLetter } from './dead-letters.js';

/** Which executions are meant. Ids are bare UUIDs. */
export interface ExecutionConditions {
  workflowId?: string | undefined;
  /** Of any of these. */
  workflowIds?: readonly string[] | undefined;
  /** In any of these. */
  statuses?: readonly ExecutionStatus[] | undefined;
  /** Submitted at or after. */
  since?: Date | undefined;
  /** Submitted before. */
  until?: Date | undefined;
  /** Only this user's; a caller who is no admin sees their own in any case. */
  ownerId?: string | undefined;
  submittedById?: string | undefined;
  retryOf?: string | undefined;
  parentId?: string | undefined;
  /** Started by a step of another, or only others. */
  isChild?: boolean | undefined;
  version?: number | undefined;
  errorCode?: string | undefined;
  errorFingerprint?: string | undefined;
  /** Runs of drafts, or only others. */
  isTest?: boolean | undefined;
  /** Only failures that nobody has dealt with and no parent reports. */
  isDead?: boolean | undefined;
  /** The first and the last of a range. */
  ids?: { from: string; to: string } | undefined;
}

/**
 * One way to look, along one index. `s` are the live rows, which are few and have every live status; `e` are all, and
 * every other status. What somebody submitted lies in two places: what they own, and the rest.
 */
export interface ExecutionSearch {
  table: 's' | 'e';
  id: 's.execution_id' | 'e.id';
  status: ExecutionStatus | undefined;
  submitted: 'as owner' | 'for others' | undefined;
}

export function searchesOf(conditions: ExecutionConditions, owner: string | undefined): ExecutionSearch[] {
  const { statuses, submittedById } = conditions;
  const wanted = statuses === undefined ? [undefined] : [...new Set(statuses)];
  return wanted.flatMap((status) =>
    submissionsOf(submittedById, owner).map((submitted) => ({ ...tableOf(status), status, submitted })),
  );
}

function submissionsOf(
  submittedById: string | undefined,
  owner: string | undefined,
): ExecutionSearch['submitted'][] {
  if (submittedById === undefined) return [undefined];
  if (owner === undefined) return ['as owner', 'for others'];
  return [owner === submittedById ? 'as owner' : 'for others'];
}

function tableOf(status: ExecutionStatus | undefined): Pick<ExecutionSearch, 'table' | 'id'> {
  return status !== undefined && !isTerminal(status)
    ? { table: 's', id: 's.execution_id' }
    : { table: 'e', id: 'e.id' };
}

/** The rows of a search, for `FROM`. */
export function rowsOf({ table }: ExecutionSearch): string {
  return table === 's' ? 'execution_state s JOIN executions e ON e.id = s.execution_id' : 'executions e';
}

/** What `WHERE` says, with a placeholder for each value, which `place` keeps; never empty. */
export function whereOf(
  search: ExecutionSearch,
  conditions: ExecutionConditions,
  owner: string | undefined,
  place: (value: unknown) => string,
): string {
  const { table, id, status, submitted } = search;
  const found: string[] = [];
  const where = (value: unknown, condition: (placeholder: string) => string): void => {
    if (value !== undefined) found.push(condition(place(value)));
  };
  where(owner, (value) => `${table}.owner_id = ${value}`);
  where(conditions.workflowId, (value) => `${table}.workflow_id = ${value}`);
  where(conditions.workflowIds, (value) => `${table}.workflow_id = ANY(${value}::text[])`);
  where(status, (value) => `${table}.status = ${value}`);
  where(conditions.version, (value) => `e.workflow_version = ${value}`);
  where(conditions.retryOf, (value) => `e.retry_of = ${value}`);
  where(conditions.parentId, (value) => `e.parent_id = ${value}`);
  where(conditions.errorCode, (value) => `e.error_code = ${value}`);
  where(conditions.errorFingerprint, (value) => `e.error_fingerprint = ${value}`);
  where(conditions.submittedById, (value) => `e.submitted_by = ${value}`);
  if (submitted === 'for others') found.push('e.submitted_by <> e.owner_id');
  if (submitted === 'as owner') where(conditions.submittedById, (value) => `${table}.owner_id = ${value}`);
  if (conditions.isChild !== undefined) found.push(`e.parent_id IS ${conditions.isChild ? 'NOT ' : ''}NULL`);
  if (conditions.isTest !== undefined) found.push(`e.workflow_version ${conditions.isTest ? '<' : '>'} 0`);
  if (conditions.isDead === true) found.push(isDeadLetter('e'));
  // The id begins with the time of submission: a window of time is a range of ids, and prunes partitions.
  where(sinceEpoch(conditions.since), (value) => `${id} >= uuid7_floor(${value})`);
  where(sinceEpoch(conditions.until), (value) => `${id} < uuid7_floor(${value})`);
  where(conditions.ids?.from, (value) => `${id} >= ${value}`);
  where(conditions.ids?.to, (value) => `${id} <= ${value}`);
  return found.length > 0 ? found.join(' AND ') : 'true';
}

/** No id is older than 1970: a negative time would look like the far future in it. */
function sinceEpoch(time: Date | undefined): Date | undefined {
  return time !== undefined && time.getTime() < 0 ? new Date(0) : time;
}

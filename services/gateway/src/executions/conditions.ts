import { executionUuid, type BulkFilter, type countExecutionsQuery } from '@millrace/contracts';
import type { CallerRepositories, ExecutionConditions } from '@millrace/persistence';
import { invalidRequest, type Principal } from '@millrace/service-kit';
import type * as z from 'zod';

type QueryConditions = Partial<z.output<typeof countExecutionsQuery>>;
/** As callers give them, names and all; of a query, or of the filter of a bulk request. */
export type GivenConditions = Omit<QueryConditions, 'child'> & Pick<QueryConditions | BulkFilter, 'child'>;

/** A tag on more workflows than these says too little. */
const MAX_TAGGED = 1_000;

/**
 * The conditions with ids in place of names. Undefined where nothing can match: a name that nobody has, or an owner
 * whose executions the caller may not see. 422 for a tag that too many workflows have,
 * which was given at `place`.
 */
export async function resolveConditions(
  caller: Principal,
  { users, workflows }: Pick<CallerRepositories, 'users' | 'workflows'>,
  given: GivenConditions,
  place: readonly string[] = ['query'],
): Promise<ExecutionConditions | undefined> {
  const idOf = async (name: string | undefined): Promise<string | undefined> =>
    name === undefined ? undefined : (await users.findByUsername(name))?.id;
  const ownerId = await idOf(given.owner);
  const submittedById = await idOf(given.submitted_by);
  if (given.owner !== undefined && (ownerId === undefined || !maySee(caller, ownerId))) return undefined;
  if (given.submitted_by !== undefined && submittedById === undefined) return undefined;

  const { tag } = given;
  const workflowIds =
    tag === undefined ? undefined : await workflows.idsWithTag(tag, { ownerId, limit: MAX_TAGGED + 1 });
  if (workflowIds !== undefined && workflowIds.length > MAX_TAGGED) {
    const msg = `more than ${MAX_TAGGED.toLocaleString('en')} workflows have it: choose another`;
    throw invalidRequest([{ loc: [...place, 'tag'], msg, type: 'too_many' }]);
  }
  return {
    ...{ ownerId, submittedById, workflowIds },
    workflowId: given.workflow,
    statuses: given.status,
    since: toDate(given.since),
    until: toDate(given.until),
    version: given.version,
    retryOf: toUuid(given.retry_of),
    parentId: toUuid(given.parent_id),
    errorCode: given.error_code,
    errorFingerprint: given.error_fingerprint,
    isChild: toBoolean(given.child),
    isTest: toBoolean(given.test),
    ids: given.id_prefix === undefined ? undefined : rangeOf(given.id_prefix),
  };
}

function maySee(caller: Principal, ownerId: string): boolean {
  return caller.admin || ownerId === caller.userId;
}

/** The first and the last id that begin so. */
function rangeOf(prefix: string): { from: string; to: string } {
  const digits = prefix.replace(/^exec_/, '').replaceAll('-', '');
  return { from: toId(digits.padEnd(32, '0')), to: toId(digits.padEnd(32, 'f')) };
}

function toId(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function toUuid(id: string | undefined): string | undefined {
  return id === undefined ? undefined : executionUuid(id);
}

/** A flag of a query is text, one of a body is none. */
function toBoolean(flag: 'true' | 'false' | boolean | undefined): boolean | undefined {
  return typeof flag === 'string' ? flag === 'true' : flag;
}

function toDate(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

import type { IncomingMessage } from 'node:http';
import type { Queryable } from '@millrace/persistence';
import {
  type Authenticator,
  forbidden,
  hasScope,
  insufficientScope,
  notFound,
  type Principal,
} from '@millrace/service-kit';
import { readOwners, type Target } from '../access.js';
import { readWanted, type Wanted } from './address.js';
import { identify } from './credentials.js';

export const NEEDED_SCOPE = 'workflow:read';

/** A socket that may be opened. */
export interface Admission {
  principal: Principal;
  target: Target;
  /** Where to begin in the past; without it the stream is live. */
  resume: { executionId: string; lastSeq: number } | undefined;
}

/**
 * Decides about one upgrade, in this order: 401, missing scope 403, unusable position 400, unknown 404, ownership 403.
 * `reserve` is told the caller before anything is looked up for them.
 */
export async function authorize(
  { authenticator, db }: { authenticator: Authenticator; db: Queryable },
  request: IncomingMessage,
  url: URL,
  reserve: (principal: Principal) => void,
): Promise<Admission> {
  const principal = await identify(authenticator, request, url);
  if (!hasScope(principal, NEEDED_SCOPE)) throw insufficientScope(NEEDED_SCOPE);
  const wanted = readWanted(url);
  reserve(principal);
  return wanted.kind === 'workflow'
    ? admitToWorkflow(db, principal, wanted)
    : admitToExecution(db, principal, wanted);
}

async function admitToWorkflow(
  db: Queryable,
  principal: Principal,
  { id, resume }: Extract<Wanted, { kind: 'workflow' }>,
): Promise<Admission> {
  const executions = resume === undefined ? [] : [resume.executionId];
  const owners = await readOwners(db, { workflows: [id], executions });
  const workflow = owners.workflows.get(id);
  if (workflow === undefined) throw notFound('Workflow', id);
  if (!principal.admin && workflow.ownerId !== principal.userId) {
    throw forbidden('Access denied to this workflow');
  }
  if (resume !== undefined && owners.executions.get(resume.executionId)?.workflowId !== id) {
    throw notFound('Execution', `exec_${resume.executionId}`);
  }
  return { principal, target: { workflowId: id }, resume };
}

async function admitToExecution(
  db: Queryable,
  principal: Principal,
  { id, uuid, lastSeq }: Extract<Wanted, { kind: 'execution' }>,
): Promise<Admission> {
  const execution = (await readOwners(db, { workflows: [], executions: [uuid] })).executions.get(uuid);
  if (execution === undefined) throw notFound('Execution', id);
  if (!principal.admin && execution.ownerId !== principal.userId) {
    throw forbidden('Access denied to this execution');
  }
  return {
    principal,
    target: { workflowId: execution.workflowId, executionId: uuid },
    resume: lastSeq === undefined ? undefined : { executionId: uuid, lastSeq },
  };
}

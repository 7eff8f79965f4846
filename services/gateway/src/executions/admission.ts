import {
  type CallbackTarget,
  isTestVersion,
  type JsonObject,
  type WorkflowStatus,
} from '@millrace/contracts';
import type { Queryable } from '@millrace/persistence';
import type { ParametersValidator, Runtime } from '@millrace/runtime';
import { conflict, forbidden, invalidRequest, type Principal } from '@millrace/service-kit';
import { DENIED, unknownWorkflow } from '../access.js';
import { createBatchLoader } from '../batch-loader.js';
import { requireStepToRunTo } from './step-place.js';

/** What a submission needs to know of the workflow it starts. */
export interface Admitted {
  readonly workflowId: string;
  readonly version: number;
  readonly ownerId: string;
  /** Whom its executions tell of their end unless they are asked to tell somebody else. */
  readonly callback: CallbackTarget | null;
  /** How many steps run: all, or those up to one. 422 where there is no such step to run to. */
  stepsUntil(untilStep: string | undefined): Promise<number>;
  /** Checks parameters against `parameters_schema` and fills in defaults; throws 422 with `loc` behind `prefix`. */
  check(parameters: JsonObject, prefix: readonly (string | number)[]): JsonObject;
}

export interface Admission {
  /**
   * 404, 403, or 409 for a workflow that takes no executions; as the database is at this moment. The newest version
   * where none is named. What was never published takes test runs.
   */
  admit(caller: Principal, workflowId: string, version?: number): Promise<Admitted>;
}

interface WorkflowRow {
  id: string;
  owner_id: string;
  version: number;
  status: WorkflowStatus;
  deleted: boolean;
  callback: CallbackTarget | null;
}

/**
 * One indexed read for all submissions of a moment, instead of a cache that would let an archived or deleted workflow
 * start for a while. What never changes, a version's size and validator, is remembered by the runtime.
 */
const READ_WORKFLOWS = `
  SELECT w.id, w.owner_id, w.version, w.status, w.deleted_at IS NOT NULL AS deleted, c.target AS callback
  FROM workflows w LEFT JOIN workflow_callbacks c ON c.workflow_id = w.id WHERE w.id = ANY($1::text[])`;

const WORKFLOW_ID = /^[A-Za-z][A-Za-z0-9_-]{2,63}$/;

export function createAdmission(options: {
  pool: Queryable;
  runtime: Pick<Runtime, 'plans' | 'versions'>;
}): Admission {
  const { pool, runtime } = options;
  const loadWorkflow = createBatchLoader(async (ids) => {
    const { rows } = await pool.query<WorkflowRow>({
      name: 'admit_workflows',
      text: READ_WORKFLOWS,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  });

  return {
    async admit(caller, id, wanted) {
      const workflow = WORKFLOW_ID.test(id) ? await loadWorkflow(id) : undefined;
      if (!workflow || workflow.deleted) throw unknownWorkflow(id);
      if (!caller.admin && workflow.owner_id !== caller.userId) throw forbidden(DENIED.execute);
      const version = wanted ?? workflow.version;
      if (workflow.status === 'draft' && !isTestVersion(version)) {
        throw conflict(`Workflow ${id} has never been published and takes no executions yet`);
      }
      if (workflow.status === 'archived') throw archived(id);
      const ownerId = workflow.owner_id;
      const { plan, stepsTotal, validate } = await runtime.versions.load(id, version);
      return {
        workflowId: id,
        version,
        ownerId,
        callback: workflow.callback,
        async stepsUntil(untilStep) {
          if (untilStep === undefined) return stepsTotal;
          requireStepToRunTo(plan, untilStep);
          return (await runtime.plans.load(id, version, untilStep)).plan.steps.length;
        },
        check: (parameters, prefix) => (validate ? checked(validate, parameters, prefix) : parameters),
      };
    },
  };
}

export function archived(workflowId: string): Error {
  return conflict(`Workflow ${workflowId} is archived and takes no new executions`);
}

function checked(
  validate: ParametersValidator,
  parameters: JsonObject,
  prefix: readonly (string | number)[],
): JsonObject {
  const outcome = validate(parameters);
  if (outcome.ok) return outcome.parameters;
  throw invalidRequest(outcome.errors.map((error) => ({ ...error, loc: [...prefix, ...error.loc] })));
}

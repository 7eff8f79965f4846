import type { JsonObject, WorkflowStatus } from '@millrace/contracts';
import { type Queryable, readVersion } from '@millrace/persistence';
import type { Runtime } from '@millrace/runtime';
import { conflict, forbidden, invalidRequest, type Principal } from '@millrace/service-kit';
import { LRUCache } from 'lru-cache';
import { DENIED, unknownWorkflow } from '../access.js';
import { createBatchLoader } from '../batch-loader.js';
import { createParametersValidator, type ParametersValidator } from '../parameters/validator.js';

/** What a submission needs to know of the workflow it starts. */
export interface Admitted {
  readonly workflowId: string;
  readonly version: number;
  readonly ownerId: string;
  readonly stepsTotal: number;
  /** Checks parameters against `parameters_schema` and fills in defaults; throws 422 with `loc` behind `prefix`. */
  check(parameters: JsonObject, prefix: readonly (string | number)[]): JsonObject;
}

export interface Admission {
  /** 404, 403, or 409 for a workflow that takes no executions; as the database is at this moment. */
  admit(caller: Principal, workflowId: string): Promise<Admitted>;
}

interface WorkflowRow {
  id: string;
  owner_id: string;
  version: number;
  status: WorkflowStatus;
  deleted: boolean;
}

/**
 * One indexed read for all submissions of a moment, instead of a cache that would let an archived or deleted workflow
 * start for a while. What never changes is remembered: a version's size and validator.
 */
const READ_WORKFLOWS = `
  SELECT id, owner_id, version, status, deleted_at IS NOT NULL AS deleted
  FROM workflows WHERE id = ANY($1::text[])`;

const WORKFLOW_ID = /^[A-Za-z][A-Za-z0-9_-]{2,63}$/;

interface Version {
  readonly stepsTotal: number;
  readonly validate: ParametersValidator | undefined;
}

export function createAdmission(options: { pool: Queryable; runtime: Pick<Runtime, 'plans'> }): Admission {
  const { pool, runtime } = options;
  const loadWorkflow = createBatchLoader(async (ids) => {
    const { rows } = await pool.query<WorkflowRow>({
      name: 'admit_workflows',
      text: READ_WORKFLOWS,
      values: [ids],
    });
    return new Map(rows.map((row) => [row.id, row]));
  });
  const versions = new LRUCache<string, Version, { id: string; version: number }>({
    max: 1_000,
    fetchMethod: (_key, _stale, { context }) => loadVersion(pool, runtime, context.id, context.version),
  });

  return {
    async admit(caller, id) {
      const workflow = WORKFLOW_ID.test(id) ? await loadWorkflow(id) : undefined;
      if (!workflow || workflow.deleted) throw unknownWorkflow(id);
      if (!caller.admin && workflow.owner_id !== caller.userId) throw forbidden(DENIED.execute);
      if (workflow.status !== 'active') {
        throw conflict(`Workflow ${id} is ${workflow.status} and takes no new executions`);
      }
      const { version, owner_id: ownerId } = workflow;
      const { stepsTotal, validate } = await versions.forceFetch(`${id}@${version}`, {
        context: { id, version },
      });
      return {
        workflowId: id,
        version,
        ownerId,
        stepsTotal,
        check: (parameters, prefix) => (validate ? checked(validate, parameters, prefix) : parameters),
      };
    },
  };
}

async function loadVersion(
  pool: Queryable,
  runtime: Pick<Runtime, 'plans'>,
  id: string,
  version: number,
): Promise<Version> {
  const [{ plan }, stored] = await Promise.all([
    runtime.plans.load(id, version),
    readVersion(pool, id, version),
  ]);
  const schema = parametersSchemaOf(stored?.definition);
  return { stepsTotal: plan.steps.length, validate: schema && createParametersValidator(schema) };
}

function parametersSchemaOf(definition: unknown): JsonObject | undefined {
  if (typeof definition !== 'object' || definition === null || !('parameters_schema' in definition)) {
    return undefined;
  }
  const schema: unknown = definition.parameters_schema;
  return isObject(schema) ? schema : undefined;
}

/** It came out of a JSON column, so its values are JSON. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

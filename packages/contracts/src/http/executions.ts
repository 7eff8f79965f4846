import * as z from 'zod';
import { executionError } from '../errors.js';
import { blobReference, usage, wait } from '../events.js';
import { errorFingerprint, executionId, nodeId } from '../ids.js';
import { jsonObject, jsonValue } from '../json.js';
import { iterationPath } from '../signals.js';
import { EXECUTION_STATUSES, executionStatus, stepStatus } from '../statuses.js';
import { username } from './auth.js';
import { callbackRequest } from './callbacks.js';
import { anyOf, boundedCount, flag } from './query.js';
import { pageQuery } from './workflows.js';

/** Printable, because it is the value of a header too. */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be printable ASCII');

/** What the database counts events and versions with. */
const MAX_INT = 2 ** 31 - 1;

export const callbackChoice = callbackRequest
  .nullable()
  .optional()
  .describe('Whom to tell of the end, instead of the workflow’s own callback; null: nobody');

const untilStep = nodeId.describe(
  'Only this step and those from which a path leads to it run; the result is its output',
);

export const executeRequest = z
  .strictObject({
    parameters: jsonObject.default({}),
    until_step: untilStep.optional(),
    callback: callbackChoice,
  })
  .meta({ id: 'ExecuteRequest' });
/** Many executions of one workflow in one request; each is admitted, or all are refused. */
export const executeBatchRequest = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          parameters: jsonObject.default({}),
          idempotency_key: idempotencyKey.optional(),
        }),
      )
      .min(1)
      .max(500),
    callback: callbackChoice.describe('Whom to tell of the end of each of them'),
  })
  .meta({ id: 'ExecuteBatchRequest' });

export const executeResponse = z
  .object({
    execution_id: z.string(),
    workflow_id: z.string(),
    status: executionStatus,
    created_at: z.iso.datetime(),
    message: z.string(),
    websocket_url: z.string(),
  })
  .meta({ id: 'ExecuteResponse' });
export type ExecuteResponse = z.infer<typeof executeResponse>;
export const executeBatchResponse = z
  .object({
    executions: z.array(executeResponse).describe('In the given order, without the conflicting items'),
    conflicts: z
      .array(z.object({ index: z.int(), idempotency_key: z.string(), detail: z.string() }))
      .describe('Items that were not accepted: another request took their key at the same moment'),
  })
  .meta({ id: 'ExecuteBatchResponse' });
export type ExecuteBatchResponse = z.infer<typeof executeBatchResponse>;

export const executionResult = z
  .object({
    workflow_name: z.string(),
    steps_completed: z.int(),
    output: jsonValue.optional(),
    output_ref: blobReference.optional(),
  })
  .meta({ id: 'ExecutionResult' });
export type ExecutionResult = z.infer<typeof executionResult>;

export const executionResource = z
  .object({
    execution_id: z.string(),
    workflow_id: z.string(),
    workflow_name: z.string().describe('As it is called now; its id where the caller may not see it'),
    workflow_version: z.int().describe('Of a test run below zero: that of no published version'),
    test: z.boolean().describe('A run of a draft'),
    until_step: z.string().nullable().describe('The step it runs to; null where all of it runs'),
    status: executionStatus,
    parameters: jsonObject,
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    duration_seconds: z.number().nullable(),
    current_step: z.string().nullable(),
    steps_completed: z.int(),
    steps_total: z.int(),
    result: executionResult.nullable(),
    error: executionError.nullable(),
    usage: usage
      .nullable()
      .describe(
        'What its model calls consumed so far; null where there were none. Child executions tell their own',
      ),
    owner: z.string(),
    submitted_by: z.string(),
    retry_of: z.string().nullable(),
    root_id: z.string(),
    parent_id: z.string().nullable().describe('The execution whose step started this one'),
    error_fingerprint: z
      .string()
      .nullable()
      .describe('Equal for failures of one cause; null for those of test runs, which are no dead letters'),
    resolution: z
      .enum(['retried', 'discarded'])
      .nullable()
      .describe('What somebody did about its failure; null where nobody did'),
    trace_id: z.string(),
  })
  .meta({ id: 'Execution' });
export type ExecutionResource = z.infer<typeof executionResource>;

export const executionIdPrefix = z
  .string()
  .max(41)
  .regex(
    /^(exec_)?[0-9a-f]{1,8}(-[0-9a-f]{0,4}){0,3}(-[0-9a-f]{0,12})?$/,
    'must be the beginning of an execution id',
  );
/** Of an error, as in `step_timed_out`; steps may have codes of their own. */
export const errorCode = z.string().min(1).max(200);

/** Which executions are meant; a condition that is not given lets all of them through. */
const conditions = {
  workflow: z.string().max(64).optional(),
  status: anyOf(executionStatus).optional().describe('Any of these: repeated, or with commas between them'),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  owner: username.optional(),
  submitted_by: username.optional(),
  version: z.coerce.number().int().min(1).max(MAX_INT).optional().describe('Of their workflow'),
  tag: z.string().min(1).max(100).optional().describe('Of their workflow, as it is now'),
  error_code: errorCode.optional().describe('Of failed and timed out ones'),
  error_fingerprint: errorFingerprint.optional(),
  retry_of: executionId.optional(),
  parent_id: executionId.optional(),
  child: flag
    .optional()
    .describe('`true`: what a step of another execution started only, `false`: none of it'),
  test: flag.optional().describe('`true`: runs of drafts only, `false`: none of them'),
  id_prefix: executionIdPrefix.optional().describe('How their id begins, with or without `exec_`'),
};
export const countExecutionsQuery = z.object(conditions);
export const listExecutionsQuery = pageQuery.extend(conditions);
export const listWorkflowExecutionsQuery = listExecutionsQuery.omit({
  workflow: true,
  owner: true,
  tag: true,
});
export const executionCounts = z
  .object({
    counts: z
      .partialRecord(z.enum(EXECUTION_STATUSES), boundedCount)
      .describe('By status; of those asked for'),
  })
  .meta({ id: 'ExecutionCounts' });
export type ExecutionCounts = z.infer<typeof executionCounts>;
export const eventsQuery = z.object({
  after_seq: z.coerce.number().int().min(0).max(MAX_INT).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
});

/** What `GET …/steps` is about: the steps of the workflow, or with `within` a step with a body. */
export const stepsQuery = pageQuery.extend({
  within: z.string().max(64).optional().describe('A step with a body: its iterations, page by page'),
  iteration: iterationPath
    .optional()
    .describe(
      'With `within`: the iteration whose steps are wanted; or, where that step is in a body itself, the one it is in',
    ),
});

/** How many iterations of a body there are; of a map in parts those of the parts that have begun and ended. */
export const iterationCounts = z
  .object({
    total: z.int().nullable().describe('Null where only the end will tell, as of a repeat'),
    begun: z.int(),
    ended: z.int(),
    failed: z.int(),
  })
  .meta({ id: 'IterationCounts' });

export const iterationSummary = z
  .object({
    iteration: z.string(),
    status: stepStatus
      .extract(['running', 'completed', 'failed', 'discarded'])
      .describe('`discarded`: given up because another one failed, or its step was'),
    started_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
    error: executionError.nullable(),
  })
  .meta({ id: 'IterationSummary' });
export type IterationSummary = z.infer<typeof iterationSummary>;

export const stepSummary = z
  .object({
    step_id: z.string(),
    iteration: z.string().optional().describe('Of a step in a body'),
    step_name: z.string(),
    kind: z.string(),
    status: stepStatus,
    attempts: z.int(),
    started_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    duration_ms: z.number().nullable(),
    input: jsonValue.optional(),
    output: jsonValue.optional(),
    output_ref: blobReference.optional(),
    error: executionError.nullable(),
    usage: usage.optional().describe('What the model calls of all its attempts consumed'),
    retry_at: z.iso.datetime().nullable(),
    wait: wait.nullable().describe('What it waits for'),
    waiting_since: z.iso.datetime().nullable(),
    due_at: z.iso.datetime().nullable().describe('When it has slept, or waited, long enough'),
    iterations: iterationCounts.optional().describe('Of a step with a body, once it has begun'),
    children: z
      .array(z.string())
      .optional()
      .describe('The executions it has started: of every attempt, and of every part of a map'),
  })
  .meta({ id: 'StepSummary' });
export type StepSummary = z.infer<typeof stepSummary>;

export const logLine = z
  .object({
    step_id: z.string(),
    iteration: z.string().optional().describe('Of a step in a body'),
    attempt: z.int(),
    line: z.int(),
    timestamp: z.iso.datetime(),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.infer<typeof logLine>;
export const logsQuery = pageQuery.extend({
  step_id: z.string().max(64).optional(),
  iteration: iterationPath.optional(),
});
export const cancelRequest = z
  .strictObject({ reason: z.string().max(1_000).optional() })
  .meta({ id: 'CancelRequest' });

/** Pausing, skipping, retrying and rerunning executions, singly and in bulk, and the failures that wait for somebody. */
import * as z from 'zod';
import { errorFingerprint, executionId, nodeId } from '../ids.js';
import { jsonObject, jsonValue } from '../json.js';
import { iterationPath } from '../signals.js';
import { executionStatus } from '../statuses.js';
import { username } from './auth.js';
import { callbackChoice, errorCode, executeResponse } from './executions.js';
import { pageQuery } from './workflows.js';

const time = z.iso.datetime({ offset: true });
const flag = z.enum(['true', 'false']).default('false');

export const skipRequest = z
  .strictObject({
    iteration: iterationPath.optional().describe('Of a step in a body: which turn, as its events name it'),
    output: jsonValue.optional().describe('Stands in for the output of the step; null without it'),
  })
  .meta({ id: 'SkipRequest' });

export const versionChoice = z
  .enum(['same', 'latest'])
  .default('same')
  .describe('The version the earlier execution ran, or the newest of the workflow');
export type VersionChoice = z.infer<typeof versionChoice>;

const again = {
  version: versionChoice,
  parameters: jsonObject.optional().describe('Instead of the earlier ones, all of them'),
  inputs: z
    .record(nodeId, jsonValue)
    .optional()
    .describe('Inputs by step id, instead of what the definition says; those steps run again'),
  until_step: nodeId
    .nullable()
    .optional()
    .describe('The step it runs to, instead of that of the earlier execution; null: all of it runs'),
  callback: callbackChoice,
};
export const retryRequest = z.strictObject(again).meta({ id: 'RetryRequest' });
export const rerunRequest = z
  .strictObject({
    ...again,
    from_step: nodeId
      .optional()
      .describe('This step and what is behind it run again; without it every step does'),
  })
  .meta({ id: 'RerunRequest' });
export type RetryRequest = z.infer<typeof retryRequest>;
export type RerunRequest = z.infer<typeof rerunRequest>;

export const retryResponse = executeResponse
  .extend({
    retry_of: z.string(),
    reused_steps: z
      .array(z.string())
      .describe('Steps that do not run again: their outputs are those of `retry_of`'),
  })
  .meta({ id: 'RetryResponse' });
export type RetryResponse = z.infer<typeof retryResponse>;

export const BULK_LIMIT = 1_000;
export const bulkAction = z.enum(['cancel', 'pause', 'resume', 'retry']).meta({ id: 'BulkAction' });
export type BulkAction = z.infer<typeof bulkAction>;

export const bulkFilter = z
  .strictObject({
    workflow: z.string().max(64).optional(),
    status: z.array(executionStatus).min(1).max(8).optional(),
    since: time.optional().describe('Submitted at or after'),
    until: time.optional().describe('Submitted before'),
    owner: username.optional(),
    submitted_by: username.optional(),
    version: z
      .int()
      .min(1)
      .max(2 ** 31 - 1)
      .optional()
      .describe('Of their workflow'),
    tag: z.string().min(1).max(100).optional().describe('Of their workflow, as it is now'),
    error_code: errorCode.optional().describe('Of failed and timed out ones'),
    error_fingerprint: errorFingerprint.optional(),
    child: z
      .boolean()
      .optional()
      .describe('`true`: what a step of another execution started only, `false`: none of it'),
  })
  // `child` alone would still mean nearly all there is.
  .refine(({ child: _child, ...criteria }) => Object.values(criteria).some((value) => value !== undefined), {
    message: 'must name at least one criterion',
  })
  .meta({ id: 'BulkFilter' });
export type BulkFilter = z.infer<typeof bulkFilter>;

export const bulkRequest = z
  .strictObject({
    action: bulkAction,
    ids: z.array(executionId).min(1).max(BULK_LIMIT).optional(),
    filter: bulkFilter.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'must have either ids or filter, and not both',
  })
  .meta({ id: 'BulkRequest' });
export type BulkRequest = z.infer<typeof bulkRequest>;
export const bulkQuery = z.object({
  dry_run: flag.describe('`true` counts what the request would reach, and changes nothing'),
});

export const bulkResponse = z
  .object({
    matched: z.int().describe('Executions that were looked at, at most 1,000'),
    succeeded: z.int().describe('Those the action was carried out on, or was left for their worker to obey'),
    failed: z.array(z.object({ execution_id: z.string(), detail: z.string() })),
    created: z
      .array(z.object({ execution_id: z.string(), retry_of: z.string() }))
      .describe('Of `retry`: the new executions'),
    more: z.boolean().describe('More match: send the request again'),
  })
  .meta({ id: 'BulkResponse' });
export type BulkResponse = z.infer<typeof bulkResponse>;

export const listDeadLettersQuery = pageQuery.extend({
  workflow: z.string().max(64).optional(),
  since: time.optional().describe('Failures that ended at or after'),
  owner: username.optional(),
});
export const deadLetter = z
  .object({
    fingerprint: errorFingerprint,
    workflow_id: z.string(),
    code: z.string(),
    step_id: z.string().nullable(),
    message: z.string().describe('Of the newest of them'),
    count: z.int(),
    first_seen: z.iso.datetime(),
    last_seen: z.iso.datetime(),
    executions: z.array(z.string()).describe('The newest, 5 at most'),
  })
  .meta({ id: 'DeadLetter', description: 'Failures of one cause that nobody has dealt with' });
export type DeadLetter = z.infer<typeof deadLetter>;

export const redriveRequest = z
  .strictObject({
    version: versionChoice,
    limit: z.int().min(1).max(BULK_LIMIT).default(BULK_LIMIT).describe('The oldest so many'),
  })
  .meta({ id: 'RedriveRequest' });
export const discardResponse = z.object({ discarded: z.int() }).meta({ id: 'DiscardResponse' });

import * as z from 'zod';
import { executionId, workflowId } from '../ids.js';
import { jsonValue } from '../json.js';
import { username } from './auth.js';
import { flag } from './query.js';
import { pageQuery } from './workflows.js';

const APPROVAL_ID = /^appr_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `appr_<uuid>` to the bare uuid of the database. Undefined for any other shape. */
export function approvalUuid(id: string): string | undefined {
  return APPROVAL_ID.test(id) ? id.slice('appr_'.length) : undefined;
}

export function toApprovalId(uuid: string): string {
  return `appr_${uuid}`;
}

/** `verdict`: a person says what became of an attempt that left no result. */
export const approvalKind = z.enum(['approval', 'verdict']);
export type ApprovalKind = z.infer<typeof approvalKind>;

/** `expired`: nobody decided before the deadline. `closed`: the step or its execution ended without a decision. */
export const approvalStatus = z
  .enum(['open', 'approved', 'rejected', 'retry', 'fail', 'succeed', 'expired', 'closed'])
  .meta({ id: 'ApprovalStatus' });
export type ApprovalStatus = z.infer<typeof approvalStatus>;

/** What the decisions of each kind make of an approval. */
export const DECISION_OUTCOMES = {
  approval: { approve: 'approved', reject: 'rejected' },
  verdict: { retry: 'retry', fail: 'fail', succeed: 'succeed' },
} as const satisfies Record<ApprovalKind, Record<string, ApprovalStatus>>;

export const decision = z.enum(['approve', 'reject', 'retry', 'fail', 'succeed']).meta({ id: 'Decision' });
export type Decision = z.infer<typeof decision>;

/** What one person said. */
export const approvalDecision = z
  .object({
    by: z.string(),
    decision,
    comment: z.string().nullable(),
    at: z.iso.datetime(),
    output: jsonValue.optional(),
  })
  .meta({ id: 'ApprovalDecision' });
export type ApprovalDecision = z.infer<typeof approvalDecision>;

export const approvalResource = z
  .object({
    approval_id: z.string(),
    kind: approvalKind,
    status: approvalStatus,
    workflow_id: z.string(),
    workflow_name: z.string(),
    execution_id: z.string(),
    step_id: z.string(),
    iteration: z.string().nullable(),
    attempt: z.int(),
    message: z.string(),
    owner: z.string(),
    submitted_by: z.string(),
    approvers: z.array(z.string()).describe('Usernames; empty: everybody who may execute the workflow'),
    required: z.int().describe('How many people have to approve'),
    exclude_submitter: z.boolean(),
    default_outcome: z.enum(['approved', 'rejected']).nullable().describe('Taken at the deadline'),
    requested_at: z.iso.datetime(),
    deadline: z.iso.datetime().nullable(),
    decisions: z.array(approvalDecision),
    decided_at: z.iso.datetime().nullable(),
    may_decide: z.boolean().describe('Whether the caller may decide it now'),
  })
  .meta({ id: 'Approval' });
export type ApprovalResource = z.infer<typeof approvalResource>;

export const listApprovalsQuery = pageQuery.extend({
  status: z.enum(['open', 'decided']).optional(),
  workflow: workflowId.optional(),
  execution: executionId.optional(),
  may_decide: flag.optional().describe('`true`: only those the caller may decide now'),
});
export const countApprovalsQuery = listApprovalsQuery.omit({ limit: true, cursor: true });

export const decideRequest = z
  .strictObject({
    decision: decision.describe('`approve` or `reject`; of a verdict `retry`, `fail` or `succeed`'),
    comment: z.string().max(4_000).optional(),
    output: jsonValue.optional().describe('Goes along; of `succeed` it is the output of the step'),
  })
  .meta({ id: 'DecideRequest' });
export type DecideRequest = z.infer<typeof decideRequest>;

const noControls = (text: string): boolean => !/\p{Cc}/u.test(text);

/** What an external event is called. */
export const eventName = z.string().min(1).max(128).refine(noControls, 'must hold no control characters');
/** Tells events of one name apart; empty where there is nothing to tell. */
export const eventKey = z.string().max(400).refine(noControls, 'must hold no control characters');

export const MAX_EVENT_PAYLOAD_BYTES = 256 * 1024;
export const DEFAULT_EVENT_TTL_SECONDS = 86_400;
export const MAX_EVENT_TTL_SECONDS = 7 * 86_400;

export const sendEventRequest = z
  .strictObject({
    name: eventName,
    key: eventKey.default('').describe('Has to be the key of the wait, exactly'),
    payload: jsonValue.default(null).describe('Output of the steps that waited; at most 256 KiB of JSON'),
    ttl_seconds: z
      .int()
      .min(0)
      .max(MAX_EVENT_TTL_SECONDS)
      .default(DEFAULT_EVENT_TTL_SECONDS)
      .describe('How long an event that nobody waits for is kept; 0: not at all'),
    id: z
      .string()
      .min(1)
      .max(200)
      .refine(noControls, 'must hold no control characters')
      .optional()
      .describe('The same id is one event for 24 hours, however often it is sent'),
    owner: z.string().max(64).optional().describe('Whose waits it reaches; administrators only'),
  })
  .meta({ id: 'SendEventRequest' });
export type SendEventRequest = z.output<typeof sendEventRequest>;
export type SendEventInput = z.input<typeof sendEventRequest>;

export const sendEventResponse = z
  .object({
    event_id: z.string(),
    delivered: z.int().describe('How many steps received it'),
    kept: z.boolean().describe('Nobody waited: the first wait for it receives it'),
  })
  .meta({ id: 'SendEventResponse' });
export type SendEventResponse = z.infer<typeof sendEventResponse>;

const EVENT_ID = /^evt_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `evt_<uuid>` to the bare uuid of the database. Undefined for any other shape. */
export function eventUuid(id: string): string | undefined {
  return EVENT_ID.test(id) ? id.slice('evt_'.length) : undefined;
}

export function toEventId(uuid: string): string {
  return `evt_${uuid}`;
}

/** An event that nobody has received yet. */
export const keptEventSummary = z
  .object({
    event_id: z.string(),
    name: z.string(),
    key: z.string(),
    owner: z.string().describe('Whose waits it may reach'),
    sent_by: z.string(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().describe('It is dropped then'),
  })
  .meta({ id: 'KeptEventSummary' });
export type KeptEventSummary = z.infer<typeof keptEventSummary>;

export const keptEvent = keptEventSummary.extend({ payload: jsonValue }).meta({ id: 'KeptEvent' });
export type KeptEvent = z.infer<typeof keptEvent>;

export const listKeptEventsQuery = pageQuery.extend({
  name: eventName.optional(),
  key: eventKey.optional(),
  owner: username.optional().describe('Whose; of others than the caller administrators alone'),
});

/** A step that waits for an external event. */
export const eventWait = z
  .object({
    execution_id: z.string(),
    step_id: z.string(),
    iteration: z.string().nullable(),
    attempt: z.int(),
    workflow_id: z.string(),
    workflow_name: z.string(),
    owner: z.string(),
    name: z.string(),
    key: z.string(),
    since: z.iso.datetime(),
    until: z.iso.datetime().nullable().describe('When it gives up; null: never'),
  })
  .meta({ id: 'EventWait' });
export type EventWait = z.infer<typeof eventWait>;

export const listEventWaitsQuery = listKeptEventsQuery.extend({
  workflow: workflowId.optional(),
  execution: executionId.optional(),
});

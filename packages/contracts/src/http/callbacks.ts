import * as z from 'zod';
import { TERMINAL_STATUSES } from '../statuses.js';
import { headerName } from './webhooks.js';
import { pageQuery } from './workflows.js';

const terminalStatus = z.enum(TERMINAL_STATUSES);

/** Headers of the delivery itself, and those that describe the connection. */
const RESERVED =
  /^(webhook-.*|host|content-.*|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|accept-encoding|proxy-.*)$/i;

const headers = z
  .record(
    headerName.refine((name) => !RESERVED.test(name), 'is set by the delivery itself'),
    z
      .string()
      .max(2_000)
      .regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII'),
  )
  .refine((given) => Object.keys(given).length <= 20, 'at most 20 headers')
  .describe('Sent along, stored encrypted, shown by name only');

/** Whom to tell when an execution ends. */
export const callbackRequest = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_048),
    headers: headers.optional(),
    secret: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,127}$/, 'must be the name of a secret')
      .optional()
      .describe('Name of the owner’s secret to sign with, instead of the workflow’s own signing secret'),
    events: z
      .array(terminalStatus)
      .min(1)
      .max(4)
      .default([...TERMINAL_STATUSES])
      .describe('Ends that are told; all without it'),
  })
  .meta({ id: 'CallbackRequest' });
export type CallbackRequest = z.output<typeof callbackRequest>;

/** A callback as it is stored with its execution. */
export const callbackTarget = z.object({
  url: z.string(),
  /** Host and port: what deliveries are limited by. */
  host: z.string(),
  events: z.array(terminalStatus),
  secret: z.string().nullable(),
  header_names: z.array(z.string()),
  /** The headers as encrypted JSON; null without any. */
  sealed_headers: z.string().nullable(),
});
export type CallbackTarget = z.infer<typeof callbackTarget>;

const shown = {
  url: z.string(),
  events: z.array(terminalStatus),
  secret: z.string().nullable().describe('Name of the secret it is signed with; null: the workflow’s own'),
  header_names: z.array(z.string()),
};

export const workflowCallbackResource = z
  .object({ workflow_id: z.string(), ...shown, updated_at: z.iso.datetime(), updated_by: z.string() })
  .meta({ id: 'WorkflowCallback' });
export type WorkflowCallbackResource = z.infer<typeof workflowCallbackResource>;

export const signingSecretResource = z
  .object({
    workflow_id: z.string(),
    secret: z.string().describe('`whsec_` and base64: what receivers verify with'),
    previous_secret_until: z.iso
      .datetime()
      .nullable()
      .describe('Until then deliveries carry a signature of the secret before, too'),
  })
  .meta({ id: 'CallbackSigningSecret' });
export type SigningSecretResource = z.infer<typeof signingSecretResource>;
export const rotateSecretRequest = z
  .strictObject({ keep_previous_seconds: z.int().min(0).max(2_592_000).default(86_400) })
  .meta({ id: 'RotateSigningSecretRequest' });

/** `waiting`: its execution has not ended. `skipped`: it ended in a way that was not asked for. */
export const callbackStatus = z
  .enum(['waiting', 'pending', 'delivered', 'failed', 'skipped'])
  .meta({ id: 'CallbackStatus' });
export type CallbackStatus = z.infer<typeof callbackStatus>;

export const callbackResource = z
  .object({
    execution_id: z.string().describe('Names the callback too: an execution has one'),
    workflow_id: z.string(),
    status: callbackStatus,
    ...shown,
    attempts: z.int().describe('Since it was last asked to be delivered'),
    next_attempt_at: z.iso.datetime().nullable(),
    last_attempt_at: z.iso.datetime().nullable(),
    last_status: z.int().nullable().describe('What the receiver answered last'),
    last_error: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Callback' });
export type CallbackResource = z.infer<typeof callbackResource>;

export const listCallbacksQuery = pageQuery.extend({
  status: callbackStatus.optional(),
  workflow: z.string().max(64).optional(),
});

import * as z from 'zod';
import { jsonObject } from '../json.js';
import { pageQuery } from './workflows.js';

export const WEBHOOK_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Of what a sender sends. */
export const WEBHOOK_BODY_LIMIT_BYTES = 1024 * 1024;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
export const headerName = z.string().regex(TOKEN, 'must be the name of a header');
const toleranceSeconds = z
  .int()
  .min(1)
  .max(86_400)
  .default(300)
  .describe('How far the sender’s timestamp may be from our clock');

/**
 * How a delivery proves where it comes from. All but `none` need the secret. The four named ones check exactly what
 * those senders sign.
 */
export const webhookSignature = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none') }),
    z
      .strictObject({
        type: z.literal('hmac_sha256'),
        header: headerName.describe('Holds the signature'),
        prefix: z.string().max(50).default('').describe('What stands before it, as in `sha256=`'),
        encoding: z.enum(['hex', 'base64']).default('hex'),
        timestamp: z
          .strictObject({
            header: headerName.describe('Holds the time in seconds since 1970'),
            separator: z.string().max(5).default('.'),
            tolerance_seconds: toleranceSeconds,
          })
          .optional()
          .describe('With it the signed text is timestamp, separator, body; without it the body alone'),
      })
      .describe('HMAC-SHA256 over the body'),
    z.strictObject({ type: z.literal('github') }),
    z.strictObject({ type: z.literal('stripe'), tolerance_seconds: toleranceSeconds }),
    z.strictObject({ type: z.literal('slack'), tolerance_seconds: toleranceSeconds }),
    z.strictObject({ type: z.literal('standard_webhooks'), tolerance_seconds: toleranceSeconds }),
    z
      .strictObject({
        type: z.literal('token'),
        header: headerName.optional().describe('`Authorization` may hold it behind `Bearer `'),
        query: z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be the name of a query parameter')
          .optional(),
      })
      .describe('The secret itself in a header or, where the sender can do no better, in the query')
      .refine(
        ({ header, query }) => (header === undefined) !== (query === undefined),
        'needs either `header` or `query`',
      ),
  ])
  .meta({ id: 'WebhookSignature' });
export type WebhookSignature = z.output<typeof webhookSignature>;

const expression = z.string().min(1).max(10_000);

/** Where the id of a delivery is found; a repeated one answers with the execution that it started the first time. */
export const webhookIdempotency = z
  .union([
    z.strictObject({ header: headerName }),
    z.strictObject({ expression: expression.describe('JSONata over what the mapping sees') }),
  ])
  .meta({ id: 'WebhookIdempotency' });
export type WebhookIdempotency = z.output<typeof webhookIdempotency>;

export const webhookMapping = z.union([expression, jsonObject]).meta({
  id: 'WebhookMapping',
  description:
    'Parameters of the execution: a JSONata expression, or an object whose strings may be expressions (`=…`, `{{ … }}`). It sees `body`, `headers` (lower case), `query`, `method`, `path`, `received_at`. Without one the parameters are `{body, headers, query}`',
  examples: [{ order_id: '=body.id', from: 'shop {{ headers."x-shop" }}' }],
});

const shape = {
  name: z.string().trim().min(1).max(100),
  methods: z
    .array(z.enum(WEBHOOK_METHODS))
    .min(1)
    .max(WEBHOOK_METHODS.length)
    .describe('Others are answered 405'),
  signature: webhookSignature,
  mapping: webhookMapping.nullable(),
  response: z
    .strictObject({
      mode: z
        .enum(['immediate', 'result'])
        .describe('`immediate`: 202 with the execution id. `result`: 200 with the output of the execution'),
      timeout_seconds: z
        .int()
        .min(1)
        .max(60)
        .default(30)
        .describe('Of `result`: after it the answer is 202 with the execution id'),
    })
    .meta({ id: 'WebhookResponse' }),
  idempotency: webhookIdempotency
    .nullable()
    .describe(
      'Left out: `X-GitHub-Delivery`, Stripe’s and Slack’s event id, or `webhook-id`, as the signature says. null: none',
    ),
  content_types: z
    .array(
      z.string().regex(/^[a-z0-9.+*-]+\/[a-z0-9.+*-]+$/i, 'must be a media type such as application/json'),
    )
    .min(1)
    .max(20)
    .nullable()
    .describe('Others are answered 415; null takes any'),
  enabled: z.boolean().describe('A disabled one answers like one that does not exist'),
};

const path = z
  .string()
  .regex(/^[A-Za-z0-9_-]{3,64}$/, 'must hold 3 to 64 letters, digits, "_" or "-"')
  .describe('Last part of the public address; random without it. Anyone who knows it can knock');
const secret = z
  .string()
  .min(8, 'must have at least 8 characters')
  .max(1_000)
  .refine((text) => !/[\p{Cs}\p{Cc}]/u.test(text), 'must not hold control characters')
  .describe('What the sender signs with; made where a signature needs one and none is given');

export const createWebhookRequest = z
  .strictObject({
    name: shape.name.default('Webhook'),
    path: path.optional(),
    methods: shape.methods.default(['POST']),
    signature: shape.signature.default({ type: 'none' }),
    secret: secret.optional(),
    mapping: shape.mapping.default(null),
    response: shape.response.default({ mode: 'immediate', timeout_seconds: 30 }),
    idempotency: shape.idempotency.optional(),
    content_types: shape.content_types.default(null),
    enabled: shape.enabled.default(true),
  })
  .meta({ id: 'CreateWebhookRequest' });
export type CreateWebhookRequest = z.output<typeof createWebhookRequest>;

export const patchWebhookRequest = z
  .strictObject({
    ...z.object(shape).partial().shape,
    path: path.optional(),
    secret: secret.optional(),
    rotate_secret: z.literal(true).optional().describe('Makes a new secret'),
    keep_previous_seconds: z
      .int()
      .min(0)
      .max(2_592_000)
      .default(86_400)
      .describe('How long the old secret stays valid beside a new one'),
  })
  .refine(
    (body) => body.secret === undefined || body.rotate_secret === undefined,
    'give `secret` or `rotate_secret`, not both',
  )
  .meta({ id: 'PatchWebhookRequest' });
export type PatchWebhookRequest = z.output<typeof patchWebhookRequest>;

/** What is stored as one document; `idempotency` undefined follows the signature. */
export const webhookSettings = z.object({
  methods: shape.methods,
  signature: shape.signature,
  mapping: shape.mapping,
  response: shape.response,
  idempotency: shape.idempotency.optional(),
  content_types: shape.content_types,
});
export type WebhookSettings = z.output<typeof webhookSettings>;

export const webhookResource = z
  .object({
    id: z.string(),
    workflow_id: z.string(),
    ...shape,
    path: z.string(),
    url: z.string().describe('Path of the public address'),
    has_secret: z.boolean(),
    previous_secret_until: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    created_by: z.string(),
    updated_by: z.string(),
  })
  .meta({ id: 'Webhook' });
export type WebhookResource = z.infer<typeof webhookResource>;
/** An answer to a write that set or made a secret. */
export const webhookWithSecret = webhookResource
  .extend({ secret: z.string().optional().describe('Shown only this once, where it was made here') })
  .meta({ id: 'WebhookWithSecret' });
export type WebhookWithSecret = z.infer<typeof webhookWithSecret>;

export const webhookDelivery = z
  .object({
    id: z.string(),
    received_at: z.iso.datetime(),
    method: z.string(),
    status: z.int().describe('What the sender was answered'),
    size_bytes: z.int(),
    duration_ms: z.int(),
    delivery_key: z.string().nullable().describe('The id by which repeats are known'),
    execution_id: z.string().nullable(),
    reason: z.string().nullable().describe('Why it started nothing'),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

export const listDeliveriesQuery = pageQuery.extend({
  outcome: z.enum(['accepted', 'refused']).optional(),
});

/** What a sender gets. */
export const webhookAnswer = z
  .object({ execution_id: z.string(), status: z.string() })
  .meta({ id: 'WebhookAnswer' });

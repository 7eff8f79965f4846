import { type ExecuteResponse, executionUuid, type JsonValue, type webhookAnswer } from '@millrace/contracts';
import { findWebhooks, openText, placeOfWebhookSecret, type WebhookTarget } from '@millrace/persistence';
import {
  ApiError,
  methodNotAllowed,
  notFound,
  type Principal,
  toProblem,
  unauthenticated,
} from '@millrace/service-kit';
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type * as z from 'zod';
import { createBatchLoader } from '../batch-loader.js';
import type { GatewayContext } from '../context.js';
import type { Submissions } from '../executions/submission.js';
import { factsOf } from '../http/locals.js';
import { allowedMethods } from '../http/paths.js';
import { fromPairs, interpret, mediaType, rawBody } from './body.js';
import { challengeOf } from './challenges.js';
import type { DeliveryLog } from './deliveries.js';
import { visibleHeaders } from './headers.js';
import type { Mappings, MappingScope } from './mapping.js';
import type { createWebhookMetrics } from './metrics.js';
import type { ResultOf } from './result.js';
import { verifySignature } from './signatures.js';

export type Received =
  | { status: 200; body: JsonValue }
  | { status: 202; body: z.output<typeof webhookAnswer>; headers: { Location: string } };

export interface ReceiverParts {
  submissions: Submissions;
  mappings: Mappings;
  deliveries: DeliveryLog;
  resultOf: ResultOf;
  metrics: ReturnType<typeof createWebhookMetrics>;
}

/** What is noted of a delivery while it is judged. */
interface Note {
  sizeBytes: number;
  deliveryKey: string | null;
  executionId: string | null;
  /** For the owner's eyes, where the sender is told less. */
  reason: string | null;
}

const NO_KEY = { ok: false, reason: 'unknown_key' } as const;

/**
 * The public address of webhooks. In this order: the path (404), the method (405), the content type (415), the body
 * (413), the signature (401), the body's form (400), the mapping and the parameters (422). Everything that reached a
 * webhook is listed with its answer.
 */
export function createReceiver(context: GatewayContext, parts: ReceiverParts) {
  const { pool, keyring, log } = context;
  const { submissions, mappings, deliveries, resultOf, metrics } = parts;
  const load = createBatchLoader((paths) => findWebhooks(pool, paths));

  function secretsOf(webhook: WebhookTarget): string[] {
    return [webhook.secret, webhook.previousSecret].flatMap((sealed) => {
      if (sealed === null) return [];
      const opened = keyring ? openText(keyring, sealed, placeOfWebhookSecret(webhook.id)) : NO_KEY;
      if (opened.ok) return [opened.text];
      log.error({ webhook_id: webhook.id, reason: opened.reason }, 'the secret of a webhook cannot be read');
      return [];
    });
  }

  async function judge(
    webhook: WebhookTarget,
    request: Request,
    response: Response,
    note: Note,
  ): Promise<Received> {
    const { settings } = webhook;
    const receivedAt = new Date();
    assertMethod(webhook, request.method);
    const contentType = request.get('content-type') ?? '';
    assertContentType(settings.content_types, contentType);
    const raw = await rawBody(request, response);
    note.sizeBytes = raw.length;

    const search = new URLSearchParams(request.originalUrl.split('?', 2)[1] ?? '');
    const verdict = verifySignature(settings.signature, secretsOf(webhook), {
      body: raw,
      header: (name) => request.get(name),
      query: (name) => search.get(name) ?? undefined,
      nowMs: receivedAt.getTime(),
    });
    if (!verdict.ok) {
      note.reason = verdict.reason;
      throw unauthenticated('The signature is missing or not valid');
    }

    const body = interpret(raw, contentType);
    const challenge = challengeOf(settings.signature, body, (name) => request.get(name));
    if (challenge !== undefined) {
      note.reason = 'answered as a test of the address';
      return { status: 200, body: challenge };
    }
    if (settings.signature.type === 'token' && settings.signature.query !== undefined) {
      search.delete(settings.signature.query);
    }
    const scope: MappingScope = {
      body,
      headers: visibleHeaders(request.headers, settings.signature),
      query: fromPairs(search),
      method: request.method,
      path: webhook.path,
      received_at: receivedAt.toISOString(),
    };
    const { parameters, deliveryId } = await mappings.map(settings, scope);
    note.deliveryKey = deliveryId ?? null;
    const submitted = await submissions.submit(ownerOf(webhook), webhook.workflowId, parameters, {
      traceparent: request.get('traceparent'),
      webhook: {
        id: webhook.id,
        ...(deliveryId !== undefined && { deliveryKey: keyOf(webhook.id, deliveryId) }),
      },
    });
    note.executionId = executionUuid(submitted.execution_id) ?? null;
    return answer(webhook, submitted, response);
  }

  async function answer(
    webhook: WebhookTarget,
    submitted: ExecuteResponse,
    response: Response,
  ): Promise<Received> {
    const { mode, timeout_seconds: seconds } = webhook.settings.response;
    const executionId = executionUuid(submitted.execution_id);
    if (mode === 'result' && executionId !== undefined) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const { workflowId } = webhook;
      const wait = { workflowId, executionId, timeoutMs: seconds * 1_000, signal: gone.signal };
      const result = await resultOf(wait);
      if (result) return { status: 200, body: result.output };
    }
    return {
      status: 202,
      body: { execution_id: submitted.execution_id, status: submitted.status },
      headers: { Location: `/api/v1/executions/${submitted.execution_id}` },
    };
  }

  return async (path: string, request: Request, response: Response): Promise<Received> => {
    const began = performance.now();
    const webhook = PATH.test(path) ? await load(path) : undefined;
    if (!webhook) {
      metrics.deliveries.inc({ outcome: 'unknown' });
      throw unknownHook(path);
    }
    const note: Note = { sizeBytes: 0, deliveryKey: null, executionId: null, reason: null };
    const record = (status: number): void => {
      metrics.deliveries.inc({ outcome: outcomeOf(status) });
      deliveries.record({
        webhookId: webhook.id,
        receivedAt: new Date(),
        method: request.method,
        status,
        durationMs: Math.round(performance.now() - began),
        ...note,
      });
    };
    try {
      note.reason = closedBecause(webhook);
      if (note.reason !== null) throw unknownHook(path);
      const received = await judge(webhook, request, response, note);
      record(received.status);
      return received;
    } catch (error) {
      const problem = toProblem(error, factsOf(response).requestId);
      note.reason ??= problem.body.detail;
      record(problem.status);
      throw error;
    }
  };
}

const PATH = /^[A-Za-z0-9_-]{3,64}$/;

/** The same for a path that nobody has and for one that is closed. */
function unknownHook(path: string): Error {
  return notFound('Webhook', path.slice(0, 100));
}

function closedBecause({ enabled, workflow, owner }: WebhookTarget): string | null {
  if (!enabled) return 'the webhook is disabled';
  if (workflow.deleted) return 'the workflow is deleted';
  if (workflow.status !== 'active') return `the workflow is ${workflow.status}`;
  if (owner.disabled) return 'the account of the workflow’s owner is disabled';
  if (!owner.scopes.includes('workflow:execute')) return 'the workflow’s owner may not execute workflows';
  return null;
}

function assertMethod({ settings }: WebhookTarget, method: string): void {
  if (settings.methods.some((allowed) => allowed === method)) return;
  const names = settings.methods.map((name) => METHOD_NAMES[name]);
  throw methodNotAllowed(
    method,
    allowedMethods(names).filter((name) => name !== 'HEAD'),
  );
}

const METHOD_NAMES = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

function assertContentType(allowed: readonly string[] | null, contentType: string): void {
  if (allowed === null) return;
  const given = mediaType(contentType);
  if (allowed.some((type) => type.toLowerCase() === given)) return;
  throw new ApiError('unsupported_media_type', `The Content-Type must be ${allowed.join(' or ')}`);
}

/** Executions that come through a webhook are the owner's: nobody else is there to act for. */
function ownerOf({ owner }: WebhookTarget): Principal {
  return {
    userId: owner.id,
    username: owner.username,
    scopes: ['workflow:execute'],
    admin: false,
    expiresAt: null,
    ceiling: null,
    apiKeyId: null,
    sessionVersion: null,
    sessionId: null,
  };
}

/** Within the limits of an idempotency key, whatever the sender takes for an id. */
function keyOf(webhookId: string, deliveryId: string): string {
  return `webhook:${webhookId}:${createHash('sha256').update(deliveryId).digest('base64url')}`;
}

function outcomeOf(status: number): string {
  if (status < 300) return 'accepted';
  if (status === 401) return 'unsigned';
  return status < 500 ? 'refused' : 'failed';
}

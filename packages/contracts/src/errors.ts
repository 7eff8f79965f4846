import * as z from 'zod';
import { jsonObject } from './json.js';

/** Who has to act: the caller, the author of the workflow, a system the step called, or the operator of Millrace. */
export const fault = z.enum(['caller', 'workflow', 'remote', 'platform']).meta({ id: 'Fault' });
export type Fault = z.infer<typeof fault>;

interface CatalogueEntry {
  readonly title: string;
  readonly status: number;
  readonly retryable: boolean;
}

/** Every error the HTTP API answers with. `code` is the last segment of the problem's `type`. */
export const API_ERRORS = {
  bad_request: { title: 'Bad request', status: 400, retryable: false },
  malformed_json: { title: 'Malformed JSON', status: 400, retryable: false },
  invalid_structure: { title: 'Invalid workflow structure', status: 400, retryable: false },
  unauthenticated: { title: 'Not authenticated', status: 401, retryable: false },
  forbidden: { title: 'Forbidden', status: 403, retryable: false },
  insufficient_scope: { title: 'Insufficient scope', status: 403, retryable: false },
  not_found: { title: 'Not found', status: 404, retryable: false },
  method_not_allowed: { title: 'Method not allowed', status: 405, retryable: false },
  not_acceptable: { title: 'Not acceptable', status: 406, retryable: false },
  conflict: { title: 'Conflict', status: 409, retryable: false },
  idempotency_conflict: { title: 'Idempotency key reused', status: 409, retryable: false },
  stale_revision: { title: 'Stale revision', status: 412, retryable: false },
  body_too_large: { title: 'Body too large', status: 413, retryable: false },
  unsupported_media_type: { title: 'Unsupported media type', status: 415, retryable: false },
  validation_failed: { title: 'Validation failed', status: 422, retryable: false },
  rate_limited: { title: 'Too many attempts', status: 429, retryable: true },
  internal: { title: 'Internal error', status: 500, retryable: true },
  execution_failed: { title: 'Execution failed', status: 502, retryable: false },
  unavailable: { title: 'Service unavailable', status: 503, retryable: true },
} as const satisfies Record<string, CatalogueEntry>;
export type ApiErrorCode = keyof typeof API_ERRORS;

/** One finding of a validation; `loc` leads to the offending value, as in `["body","nodes",0,"id"]`. */
export const errorItem = z
  .strictObject({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string(), type: z.string() })
  .meta({ id: 'ErrorItem' });
export type ErrorItem = z.infer<typeof errorItem>;

/** RFC 9457 problem details; `detail` is always a sentence a person can act on. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(errorItem).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

/** Why a step or an execution failed, as stored in the log and served by the API. */
export const executionError = z
  .object({
    code: z.string(),
    message: z.string(),
    fault: fault.optional(),
    retryable: z.boolean().optional(),
    step_id: z.string().nullable().optional(),
    iteration: z.string().optional(),
    attempt: z.int().nullable().optional(),
    details: jsonObject.optional().describe('Small facts for whoever looks into it'),
  })
  .meta({ id: 'ExecutionError' });
export type ExecutionError = z.infer<typeof executionError>;

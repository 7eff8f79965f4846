import * as z from 'zod';
import { jsonObject, jsonValue } from '../json.js';
import { httpAuthentication } from './http-authentication.js';
import { httpPagination } from './http-pagination.js';
import type { StepKindDescriptor } from './descriptor.js';

export const httpBodyType = z.enum(['json', 'form', 'multipart', 'text', 'bytes']);
export type HttpBodyType = z.infer<typeof httpBodyType>;

export const httpResponseType = z.enum(['auto', 'json', 'text', 'bytes']);
export type HttpResponseType = z.infer<typeof httpResponseType>;

/** A status, or a class of statuses such as `2xx`. */
const statusPattern = z.union([z.int().min(100).max(599), z.string().regex(/^[1-5]xx$/)]);
export type HttpStatusPattern = z.infer<typeof statusPattern>;

export const httpRequestConfiguration = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  url: z.string().min(1).max(8_192),
  headers: z.record(z.string(), z.string()).optional(),
  query: jsonObject.optional(),
  body: jsonValue.optional(),
  body_type: httpBodyType
    .optional()
    .describe('How body is written; by default text as it is, all else as JSON'),
  authentication: httpAuthentication.optional(),
  redirects: z
    .strictObject({
      follow: z.boolean().default(true),
      max: z.int().min(0).max(20).default(5),
    })
    .optional(),
  response_type: httpResponseType.default('auto'),
  expected_status: z
    .array(statusPattern)
    .min(1)
    .max(50)
    .optional()
    .describe('Statuses that do not fail the step; by default all below 400'),
  pagination: httpPagination.optional(),
  timeout_seconds: z.number().positive().max(3_600).default(30),
  max_bytes: z.int().min(1).max(50_000_000).default(5_000_000),
  idempotent: z
    .boolean()
    .default(false)
    .describe(
      'The target honours the Idempotency-Key header, so an attempt of unknown outcome may be repeated',
    ),
  idempotency_key: z.string().min(1).max(1_000).optional().describe('Sent in place of the key of the step'),
});
export type HttpRequestConfiguration = z.output<typeof httpRequestConfiguration>;

export const httpRequestKind = {
  kind: 'http_request',
  title: 'HTTP request',
  description:
    'Sends a request; the output is {status, headers, body, url}. A status of 400 or more fails the step unless it is expected.',
  configuration: httpRequestConfiguration,
  purity: 'effectful',
  ports: [],
  celFields: [],
  jsonataFields: ['pagination.items', 'pagination.cursor', 'pagination.url'],
  allowsSecrets: true,
  example: { method: 'POST', url: 'https://api.example.com/orders', body: { id: '=parameters.order_id' } },
} as const satisfies StepKindDescriptor;

import * as z from 'zod';
import { jsonObject, jsonValue } from '../json.js';
import type { StepKindDescriptor } from './descriptor.js';

export const httpRequestConfiguration = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  url: z.string().min(1).max(8_192),
  headers: z.record(z.string(), z.string()).optional(),
  query: jsonObject.optional(),
  body: jsonValue.optional(),
  timeout_seconds: z.number().positive().max(3_600).default(30),
  max_bytes: z.int().min(1).max(50_000_000).default(5_000_000),
  idempotent: z
    .boolean()
    .default(false)
    .describe(
      'The target honours the Idempotency-Key header, so an attempt of unknown outcome may be repeated',
    ),
});

export const httpRequestKind = {
  kind: 'http_request',
  title: 'HTTP request',
  description:
    'Sends a request; the output is {status, headers, body}. A status of 400 or more fails the step.',
  configuration: httpRequestConfiguration,
  purity: 'effectful',
  ports: [],
  celFields: [],
  jsonataFields: [],
  example: { method: 'POST', url: 'https://api.example.com/orders', body: { id: '=parameters.order_id' } },
} as const satisfies StepKindDescriptor;

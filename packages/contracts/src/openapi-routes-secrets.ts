import * as z from 'zod';
import {
  listSecretsQuery,
  putSecretRequest,
  secretDetails,
  secretQuery,
  secretResource,
} from './http/secrets.js';
import type { RouteContract } from './openapi-route.js';

const SECRETS = { tag: 'Secrets', query: secretQuery } as const;

/** Values that workflows use by name. They go in and never come out. */
export const SECRET_ROUTES = {
  listSecrets: {
    ...SECRETS,
    method: 'get',
    paths: ['/secrets'],
    access: 'workflow:read',
    summary: 'List secrets by name, without their values',
    query: listSecretsQuery,
    responses: {
      200: {
        description: 'Secrets',
        schema: z.array(secretResource),
        headers: { Link: '`<…>; rel="next"` where there is another page' },
      },
    },
    errors: ['forbidden', 'not_found'],
  },
  getSecret: {
    ...SECRETS,
    method: 'get',
    paths: ['/secrets/{name}'],
    access: 'workflow:read',
    summary: 'What is known of a secret, and which workflows use it; not its value',
    responses: { 200: { description: 'The secret', schema: secretDetails } },
    errors: ['forbidden', 'not_found'],
  },
  putSecret: {
    ...SECRETS,
    method: 'put',
    paths: ['/secrets/{name}'],
    access: 'workflow:write',
    summary: 'Create a secret, or give it a new value',
    description:
      'Steps that start afterwards get the new value. It is encrypted before it is stored, and no answer holds it. 503 while the platform has no SECRETS_KEY.',
    body: {
      schema: putSecretRequest,
      encoding: 'json',
      limit: 'standard',
      example: { value: 'the token of the billing service', description: 'Billing API, read only' },
    },
    responses: {
      200: { description: 'Replaced', schema: secretResource },
      201: { description: 'Created', schema: secretResource },
    },
    errors: ['forbidden', 'not_found', 'conflict', 'unavailable'],
  },
  deleteSecret: {
    ...SECRETS,
    method: 'delete',
    paths: ['/secrets/{name}'],
    access: 'workflow:write',
    summary: 'Delete a secret',
    description: 'Steps that name it fail from their next attempt on, with the code `secret_missing`.',
    responses: { 204: { description: 'Deleted' } },
    errors: ['forbidden', 'not_found'],
  },
} as const satisfies Record<string, RouteContract>;

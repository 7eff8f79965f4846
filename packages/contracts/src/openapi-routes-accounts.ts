import * as z from 'zod';
import {
  accessTokenResponse,
  apiKeyResource,
  createApiKeyRequest,
  createdApiKey,
  createUserRequest,
  currentUser,
  loginRequest,
  refreshRequest,
  sessionQuery,
  ticketRequest,
  ticketResponse,
  tokenResponse,
  updateUserRequest,
  userResource,
} from './http/auth.js';
import { pageQuery } from './http/workflows.js';
import type { RouteContract } from './openapi-route.js';

const NEXT_PAGE = { Link: '`<…>; rel="next"` where there is another page' } as const;
const SET_COOKIE = { 'Set-Cookie': 'The refresh token, with `session=cookie`' } as const;
const newTokens = z.union([tokenResponse, accessTokenResponse]);
const COOKIE_RULES =
  'A cookie counts only in requests of pages of the same origin (`Sec-Fetch-Site` or `Origin`) whose Content-Type is JSON.';
const loginExample = { username: 'admin', password: 'correct horse battery staple' } as const;

/** Who the caller is: log-in, users, API keys, stream tickets. */
export const ACCOUNT_ROUTES = {
  login: {
    method: 'post',
    paths: ['/auth/login'],
    access: 'anonymous',
    tag: 'Authentication',
    summary: 'Log in with a form (OAuth2 password flow)',
    query: sessionQuery,
    body: { schema: loginRequest, encoding: 'form', limit: 'standard', example: loginExample },
    responses: {
      200: { description: 'An access token and a refresh token', schema: newTokens, headers: SET_COOKIE },
    },
    errors: ['unauthenticated', 'forbidden', 'rate_limited'],
  },
  loginJson: {
    method: 'post',
    paths: ['/auth/login/json'],
    access: 'anonymous',
    tag: 'Authentication',
    summary: 'Log in with JSON',
    query: sessionQuery,
    body: { schema: loginRequest, encoding: 'json', limit: 'standard', example: loginExample },
    responses: {
      200: { description: 'An access token and a refresh token', schema: newTokens, headers: SET_COOKIE },
    },
    errors: ['unauthenticated', 'forbidden', 'rate_limited'],
  },
  refreshSession: {
    method: 'post',
    paths: ['/auth/refresh'],
    access: 'anonymous',
    tag: 'Authentication',
    summary: 'Exchange a refresh token for new tokens',
    description: `Refresh tokens are single use; reuse revokes every token that came of the same log-in. Repeating a request whose answer was lost works for 10 seconds. One of a cookie is answered in the cookie. ${COOKIE_RULES}`,
    body: { schema: refreshRequest, encoding: 'json', limit: 'standard', optional: true },
    responses: { 200: { description: 'New tokens', schema: newTokens, headers: SET_COOKIE } },
    errors: ['unauthenticated', 'forbidden'],
  },
  logout: {
    method: 'post',
    paths: ['/auth/logout'],
    access: 'anonymous',
    tag: 'Authentication',
    summary: 'Revoke every refresh token of this log-in',
    description: `Answers 204 for an unknown token too. Access tokens end by themselves. ${COOKIE_RULES}`,
    body: { schema: refreshRequest, encoding: 'json', limit: 'standard', optional: true },
    responses: { 204: { description: 'Logged out' } },
    errors: ['forbidden'],
  },
  currentUser: {
    method: 'get',
    paths: ['/auth/me'],
    access: 'authenticated',
    tag: 'Authentication',
    summary: 'The caller, with the scopes that the credential gives',
    responses: { 200: { description: 'The caller', schema: currentUser } },
  },
  listUsers: {
    method: 'get',
    paths: ['/users'],
    access: 'user:manage',
    tag: 'Users',
    summary: 'List users, by name',
    query: pageQuery,
    responses: { 200: { description: 'Users', schema: z.array(userResource), headers: NEXT_PAGE } },
  },
  createUser: {
    method: 'post',
    paths: ['/users'],
    access: 'user:manage',
    tag: 'Users',
    summary: 'Create a user',
    description: 'Without `platform:admin` only scopes that the caller holds may be given.',
    body: {
      schema: createUserRequest,
      encoding: 'json',
      limit: 'standard',
      example: {
        username: 'ada',
        password: 'a long passphrase',
        scopes: ['workflow:read', 'workflow:execute'],
      },
    },
    responses: { 201: { description: 'The user', schema: userResource } },
    errors: ['forbidden', 'conflict'],
  },
  getUser: {
    method: 'get',
    paths: ['/users/{name}'],
    access: 'user:manage',
    tag: 'Users',
    summary: 'Read a user',
    responses: { 200: { description: 'The user', schema: userResource } },
    errors: ['not_found'],
  },
  updateUser: {
    method: 'patch',
    paths: ['/users/{name}'],
    access: 'user:manage',
    tag: 'Users',
    summary: 'Change scopes, disable, reset the password',
    description:
      'A new password and disabling end every session of the user: refresh tokens at once, access tokens and streams within 30 seconds. API keys stay; a disabled account’s are refused while it is disabled.',
    body: {
      schema: updateUserRequest,
      encoding: 'json',
      limit: 'standard',
      example: { scopes: ['workflow:read', 'workflow:write', 'workflow:execute'] },
    },
    responses: { 200: { description: 'The user', schema: userResource } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  listApiKeys: {
    method: 'get',
    paths: ['/api-keys'],
    access: 'authenticated',
    tag: 'API keys',
    summary: 'The caller’s API keys, newest first',
    responses: { 200: { description: 'Keys, without their secret', schema: z.array(apiKeyResource) } },
  },
  createApiKey: {
    method: 'post',
    paths: ['/api-keys'],
    access: 'authenticated',
    tag: 'API keys',
    summary: 'Create an API key, which is accepted wherever a token is',
    body: {
      schema: createApiKeyRequest,
      encoding: 'json',
      limit: 'standard',
      example: { name: 'nightly import', scopes: ['workflow:execute'] },
    },
    responses: { 201: { description: 'The key: its secret is shown only here', schema: createdApiKey } },
    errors: ['forbidden', 'conflict'],
  },
  deleteApiKey: {
    method: 'delete',
    paths: ['/api-keys/{id}'],
    access: 'authenticated',
    tag: 'API keys',
    summary: 'Revoke an API key',
    description: 'With an API key only those can be revoked that can do no more than it.',
    responses: { 204: { description: 'Revoked' } },
    errors: ['forbidden', 'not_found'],
  },
  createTicket: {
    method: 'post',
    paths: ['/ws/tickets'],
    access: 'workflow:read',
    tag: 'Streams',
    summary: 'A ticket to open one WebSocket with',
    description: 'One use, 30 seconds: `?ticket=` is the only credential accepted in a URL.',
    body: { schema: ticketRequest, encoding: 'json', limit: 'standard', optional: true },
    responses: { 201: { description: 'The ticket', schema: ticketResponse } },
  },
} as const satisfies Record<string, RouteContract>;

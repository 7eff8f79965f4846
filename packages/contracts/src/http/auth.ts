import * as z from 'zod';
import { scope } from '../scopes.js';

export const username = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$/, 'must hold 2 to 64 letters, digits, ".", "_", "@" or "-"')
  .meta({ id: 'Username' });
/** Argon2id has no upper bound of its own; ours keeps hashing cheap to refuse. */
export const newPassword = z.string().min(10, 'must have at least 10 characters').max(200);

export const loginRequest = z
  .object({ username: z.string().min(1).max(200), password: z.string().min(1).max(1_000) })
  .meta({ id: 'LoginRequest' });
const accessToken = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().describe('Seconds'),
});
/** What a session of a browser is answered with: its refresh token is in a cookie, where no script can read it. */
export const accessTokenResponse = accessToken.meta({ id: 'AccessTokenResponse' });
export type AccessTokenResponse = z.infer<typeof accessTokenResponse>;
export const tokenResponse = accessToken.extend({ refresh_token: z.string() }).meta({ id: 'TokenResponse' });
export type TokenResponse = z.infer<typeof tokenResponse>;
/** Where the refresh token goes. */
export const sessionQuery = z.object({
  session: z
    .enum(['body', 'cookie'])
    .default('body')
    .describe('`cookie`: the refresh token is answered in an httpOnly cookie and not in the body'),
});
export type SessionPlace = z.output<typeof sessionQuery>['session'];
export const refreshRequest = z
  .strictObject({
    refresh_token: z.string().min(1).max(500).optional().describe('Without it the one of the cookie'),
  })
  .meta({ id: 'RefreshRequest' });

export const currentUser = z
  .object({
    username: z.string(),
    email: z.string().nullable(),
    full_name: z.string().nullable(),
    disabled: z.boolean(),
    scopes: z.array(scope),
  })
  .meta({ id: 'CurrentUser' });
export type CurrentUser = z.infer<typeof currentUser>;

export const userResource = currentUser
  .extend({ created_at: z.iso.datetime(), updated_at: z.iso.datetime() })
  .meta({ id: 'User' });
export type UserResource = z.infer<typeof userResource>;
export const createUserRequest = z
  .strictObject({
    username,
    password: newPassword,
    email: z.email().max(320).nullish(),
    full_name: z.string().max(200).nullish(),
    scopes: z.array(scope).default(['workflow:read', 'workflow:execute']),
    disabled: z.boolean().default(false),
  })
  .meta({ id: 'CreateUserRequest' });
export const updateUserRequest = z
  .strictObject({
    password: newPassword.optional(),
    email: z.email().max(320).nullish(),
    full_name: z.string().max(200).nullish(),
    scopes: z.array(scope).optional(),
    disabled: z.boolean().optional(),
  })
  .meta({ id: 'UpdateUserRequest' });

/** What somebody changes of their own account; the rest is for those who manage users. */
export const updateMeRequest = z
  .strictObject({ email: z.email().max(320).nullish(), full_name: z.string().max(200).nullish() })
  .meta({ id: 'UpdateMeRequest' });
export const changePasswordRequest = z
  .strictObject({ current_password: z.string().min(1).max(1_000), new_password: newPassword })
  .refine((body) => body.new_password !== body.current_password, {
    path: ['new_password'],
    message: 'must differ from the current one',
  })
  .meta({ id: 'ChangePasswordRequest' });

export const sessionResource = z
  .object({
    id: z.string(),
    created_at: z.iso.datetime().describe('The log-in'),
    last_used_at: z.iso.datetime().describe('The last exchange of its refresh token'),
    expires_at: z.iso.datetime(),
    address: z.string().nullable().describe('Of the last exchange'),
    user_agent: z.string().nullable(),
    current: z.boolean().describe('Whether this request belongs to it'),
  })
  .meta({ id: 'Session' });
export type SessionResource = z.infer<typeof sessionResource>;

export const apiKeyResource = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('The first characters, to recognise it by'),
    scopes: z.array(scope),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyResource = z.infer<typeof apiKeyResource>;
export const createApiKeyRequest = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(scope).min(1).optional().describe('A part of the caller’s own; all of them without'),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .meta({ id: 'CreateApiKeyRequest' });
export const createdApiKey = apiKeyResource
  .extend({ key: z.string().describe('Shown only this once') })
  .meta({ id: 'CreatedApiKey' });

export const ticketRequest = z.strictObject({}).meta({ id: 'TicketRequest' });
export const ticketResponse = z
  .object({ ticket: z.string(), expires_in: z.int() })
  .meta({ id: 'TicketResponse' });

import * as z from 'zod';

const text = z.string().min(1).max(8_192);

/**
 * How a request proves who sends it. Values are normally `=secret("name")`: the definition and the log then hold the
 * name of a secret and never the secret.
 */
export const httpAuthentication = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('basic'),
      // RFC 7617: a colon would end the user name.
      username: z
        .string()
        .max(8_192)
        .regex(/^[^:]*$/, 'a user name of basic authentication has no colon'),
      password: z.string().max(8_192),
    }),
    z.strictObject({ type: z.literal('bearer'), token: text }),
    z.strictObject({ type: z.literal('header'), name: text, value: text }),
    z.strictObject({ type: z.literal('query'), name: text, value: text }),
    z.strictObject({
      type: z.literal('oauth2_client_credentials'),
      token_url: text,
      client_id: text,
      client_secret: text,
      scope: text.optional(),
      audience: text.optional(),
      auth_style: z
        .enum(['basic', 'body'])
        .default('basic')
        .describe('Where the token endpoint expects client_id and client_secret'),
    }),
  ])
  .describe('How the request proves who sends it');
export type HttpAuthentication = z.infer<typeof httpAuthentication>;
export type OAuth2ClientCredentials = Extract<HttpAuthentication, { type: 'oauth2_client_credentials' }>;

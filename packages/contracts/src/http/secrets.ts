import * as z from 'zod';
import { username } from './auth.js';
import { pageQuery } from './workflows.js';

const SECRET_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
/** Of a value, as UTF-8. */
export const MAX_SECRET_BYTES = 65_536;
/** Not counting blanks around it: hiding anything shorter would make every text unreadable. */
export const MIN_SECRET_CHARACTERS = 4;

export function isSecretName(text: string): boolean {
  return SECRET_NAME.test(text);
}

const ownerQuery = z.object({
  owner: username.optional().describe('Whose secrets; the caller’s own without it. For admins'),
});
export const secretQuery = ownerQuery;
export const listSecretsQuery = pageQuery.extend(ownerQuery.shape);

export const putSecretRequest = z
  .strictObject({
    value: z
      .string()
      .refine(
        (text) => text.trim().length >= MIN_SECRET_CHARACTERS,
        `must have at least ${MIN_SECRET_CHARACTERS} characters, not counting blanks around them: it is hidden wherever it appears`,
      )
      .refine(
        (text) => new TextEncoder().encode(text).length <= MAX_SECRET_BYTES,
        `must have at most ${MAX_SECRET_BYTES} bytes`,
      )
      .refine((text) => !/\p{Cs}/u.test(text), 'holds half of a surrogate pair, which is no text')
      .describe('Write-only: no answer ever holds it'),
    description: z.string().max(500).optional().describe('What it is for; stays as it is without one'),
  })
  .meta({ id: 'PutSecretRequest' });

export const secretResource = z
  .object({
    name: z.string(),
    description: z.string(),
    owner: z.string(),
    version: z.int().describe('Counts the values it has had'),
    created_at: z.iso.datetime(),
    created_by: z.string(),
    updated_at: z.iso.datetime(),
    updated_by: z.string(),
    last_used_at: z.iso.datetime().nullable().describe('By a step; exact to a minute'),
  })
  .meta({ id: 'Secret' });
export type SecretResource = z.infer<typeof secretResource>;

export const secretDetails = secretResource
  .extend({
    workflows: z
      .array(z.object({ workflow_id: z.string(), name: z.string() }))
      .describe('The owner’s workflows whose newest version names it; at most 100'),
  })
  .meta({ id: 'SecretDetails' });
export type SecretDetails = z.infer<typeof secretDetails>;

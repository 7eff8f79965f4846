import * as z from 'zod';

export const SCOPES = [
  'workflow:read',
  'workflow:write',
  'workflow:execute',
  'workflow:delete',
  'user:manage',
  'platform:admin',
] as const;
export const scope = z.enum(SCOPES).meta({
  id: 'Scope',
  description:
    '`user:manage` administers accounts; `platform:admin` reaches every owner’s workflows and executions. The others act on what the caller owns.',
});
export type Scope = z.infer<typeof scope>;

/** Scopes of the two users a new installation starts with. */
export const DEFAULT_SCOPES = {
  admin: [...SCOPES],
  user: ['workflow:read', 'workflow:execute'],
} as const satisfies Record<string, readonly Scope[]>;

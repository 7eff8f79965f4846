import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const API_KEY_MARK = 'mr_';
const API_KEY = /^mr_[A-Za-z0-9_-]{43}$/;
const RANDOM_PART = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits, URL-safe. Stored only as its hash, which needs no salt: nobody can guess the text. */
export function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function generateApiKey(): { key: string; prefix: string; hash: Buffer } {
  const key = API_KEY_MARK + randomSecret();
  return { key, prefix: key.slice(0, API_KEY_MARK.length + 7), hash: hashSecret(key) };
}

/** Tells an API key from a JWT by its shape alone. */
export function looksLikeApiKey(credential: string): boolean {
  return API_KEY.test(credential);
}

/** The text of a ticket names the API key behind it, if any: its hash covers the name, so nobody can change it. */
export function generateTicket(apiKeyId: string | null): string {
  return apiKeyId ? `${randomSecret()}.${apiKeyId}` : randomSecret();
}

/** Undefined for a text that cannot be a ticket, so that garbage costs no query. */
export function parseTicket(ticket: string): { apiKeyId: string | null } | undefined {
  const [secret = '', apiKeyId, ...rest] = ticket.split('.');
  if (!RANDOM_PART.test(secret) || rest.length > 0) return undefined;
  if (apiKeyId === undefined) return { apiKeyId: null };
  return /^[0-9a-f-]{36}$/.test(apiKeyId) ? { apiKeyId } : undefined;
}

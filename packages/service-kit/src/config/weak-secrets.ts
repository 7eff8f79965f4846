import { MIN_JWT_SECRET_BYTES } from '../auth/access-token.js';

const MINIMUM_PASSWORD_LENGTH = 8;

/** What people leave in place when they copy an example. */
const PLACEHOLDER =
  /change[-_ ]?me|replace[-_ ]?me|your[-_ ]|example|insecure|placeholder|default[-_ ]?secret/i;
const WELL_KNOWN = new Set([
  'password',
  'password1',
  'password123',
  'admin123',
  'user1234',
  '12345678',
  'millrace',
]);

export function isShortSecret(secret: string): boolean {
  return Buffer.byteLength(secret) < MIN_JWT_SECRET_BYTES;
}

/** True for a signing secret that can be guessed: too short, of a few characters only, or a placeholder. */
export function isWeakSecret(secret: string): boolean {
  return isShortSecret(secret) || new Set(secret).size < 8 || PLACEHOLDER.test(secret);
}

export function isWeakPassword(password: string): boolean {
  return (
    password.length < MINIMUM_PASSWORD_LENGTH ||
    WELL_KNOWN.has(password.toLowerCase()) ||
    PLACEHOLDER.test(password)
  );
}

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** What is stored in place of a text. */
export interface Sealed {
  /** Tells the keys apart and nothing of them: the start of a hash. */
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** `unknown_key`: sealed with a key that is not in the ring. `damaged`: changed, or moved from where it was sealed for. */
export type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'unknown_key' | 'damaged' };

/** Where a sealed text belongs: what it is, and the row it stands in. It opens there and nowhere else. */
export type Place = readonly [purpose: string, ...row: string[]];

/** Encrypts texts for the database with the newest key, and decrypts with whichever key they were encrypted with. */
export interface Keyring {
  readonly currentKeyId: string;
  seal(text: string, place: Place): Sealed;
  open(sealed: Sealed, place: Place): Opened;
}

export interface KeyringOptions {
  /** 32 bytes each. */
  key: Buffer;
  previousKeys?: readonly Buffer[];
}

const CIPHER = 'aes-256-gcm';
/** Random ones of 96 bits: safe for 2^32 seals under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function keyIdOf(key: Buffer): string {
  return createHash('sha256').update('millrace key id').update(key).digest('hex').slice(0, 16);
}

/** Throws a RangeError for a key that has not 32 bytes. */
export function createKeyring({ key, previousKeys = [] }: KeyringOptions): Keyring {
  for (const each of [key, ...previousKeys]) {
    if (each.length !== 32) throw new RangeError('a key has 32 bytes');
  }
  const currentKeyId = keyIdOf(key);
  const keys = new Map([...previousKeys, key].map((each) => [keyIdOf(each), each]));

  return {
    currentKeyId,

    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(boundTo(currentKeyId, place));
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return { keyId: currentKeyId, nonce, ciphertext, tag: cipher.getAuthTag() };
    },

    open({ keyId, nonce, ciphertext, tag }, place) {
      const known = keys.get(keyId);
      if (known === undefined) return { ok: false, reason: 'unknown_key' };
      try {
        const decipher = createDecipheriv(CIPHER, known, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(boundTo(keyId, place));
        decipher.setAuthTag(tag);
        const text = Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
        return { ok: true, text };
      } catch {
        // It says no more than that: what OpenSSL tells apart would help only whoever forges.
        return { ok: false, reason: 'damaged' };
      }
    },
  };
}

/** As JSON, so that no two places read the same. */
function boundTo(keyId: string, place: Place): Buffer {
  return Buffer.from(JSON.stringify([keyId, ...place]));
}

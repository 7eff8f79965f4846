import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const PLACEHOLDER = '__CSP_NONCE__';

export interface ConsolePage {
  readonly html: string;
  readonly etag: string;
  readonly contentSecurityPolicy: string;
}

/**
 * The page of the console with a nonce of its own, read anew each time: it is small, and may be built again while the
 * gateway runs. Undefined where there is none. The tag is that of the page as built: a browser that has it keeps the
 * nonce together with the policy it came with.
 */
export async function readPage(folder: string): Promise<ConsolePage | undefined> {
  const built = await readFile(path.join(folder, 'index.html'), 'utf8').catch(() => undefined);
  if (built === undefined) return undefined;
  const nonce = randomBytes(16).toString('base64');
  return {
    html: built.replaceAll(PLACEHOLDER, nonce),
    etag: `"${createHash('sha256').update(built).digest('base64url')}"`,
    contentSecurityPolicy: policyWith(nonce),
  };
}

/**
 * Everything from this address and nothing from elsewhere, live streams included. The nonce is for the style elements
 * that the editor makes at run time; styles set on an element by a script need no leave.
 */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

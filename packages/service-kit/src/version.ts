import { createRequire } from 'node:module';

function readVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('../package.json');
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest && typeof manifest.version === 'string' ? manifest.version : '0.0.0';
}

/** Of Millrace: all its packages and services carry the same. */
export const VERSION = readVersion();

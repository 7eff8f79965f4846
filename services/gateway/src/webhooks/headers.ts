import type { IncomingHttpHeaders } from 'node:http';
import type { WebhookSignature } from '@millrace/contracts';

/** Credentials, what describes the connection, and what proxies add: none of it is about the delivery. */
const HIDDEN =
  /^(authorization|cookie|host|connection|content-length|accept-encoding|te|trailer|transfer-encoding|upgrade|keep-alive|expect|via|forwarded|x-forwarded-.*|x-real-ip|proxy-.*|x-hub-signature.*|stripe-signature|x-slack-signature|webhook-signature|svix-signature)$/;

/** The headers that a mapping sees and that become part of the parameters by default. Names are in lower case. */
export function visibleHeaders(
  headers: IncomingHttpHeaders,
  signature: WebhookSignature,
): Record<string, string> {
  const proof = 'header' in signature ? signature.header?.toLowerCase() : undefined;
  const visible: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === proof || name === '__proto__' || HIDDEN.test(name)) continue;
    visible.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return Object.fromEntries(visible);
}

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { forbidden, isOriginOf } from '@millrace/service-kit';

/** As the configuration gives it: nobody, a number of proxies, or their addresses and networks. */
export type TrustProxy = false | number | readonly string[];

/**
 * Browsers send cookies and stored credentials to anyone a page names, so a page must come from the very host that is
 * asked, or from an origin the operator lists. Programs send no Origin and are let through. Throws 403.
 */
export function createOriginCheck(
  allowed: readonly string[],
  trustProxy: TrustProxy,
): (request: IncomingMessage) => void {
  const origins = new Set(allowed);
  const isProxy = proxyTest(trustProxy);
  return (request) => {
    const { origin } = request.headers;
    if (origin === undefined || origins.has(origin)) return;
    if (isOriginOf(origin, askedHost(request, isProxy))) return;
    throw forbidden(
      'Pages of this origin may not open live streams here: the operator allows origins by CORS_ORIGINS',
    );
  };
}

function askedHost(request: IncomingMessage, isProxy: (address: string) => boolean): string {
  const forwarded = request.headers['x-forwarded-host'];
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim();
  if (first !== undefined && first !== '' && isProxy(request.socket.remoteAddress ?? '')) return first;
  return request.headers.host ?? '';
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

function proxyTest(trustProxy: TrustProxy): (address: string) => boolean {
  if (trustProxy === false) return () => false;
  if (typeof trustProxy === 'number') return () => trustProxy > 0;
  const list = new BlockList();
  for (const entry of trustProxy.flatMap((word) => NAMED[word] ?? [word])) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

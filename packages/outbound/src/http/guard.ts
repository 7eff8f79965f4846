import { judgeAddress, parseAddress } from './address.js';
import { normaliseHostname, parseAllowlist } from './allowlist.js';
import { fail } from './errors.js';

/** Decides which targets may be reached. Every check throws an `OutboundFailure` when it refuses. */
export interface Guard {
  /** Scheme, credentials, port, and the host as far as it can be judged without resolving it. */
  checkUrl(url: URL): void;
  /** One address that `hostname` resolved to, or that a socket really reached. */
  checkAddress(hostname: string, port: number, address: string): void;
}

const LOCAL_NAMES = new Set([
  'localhost',
  'localhost.localdomain',
  'localhost6',
  'ip6-localhost',
  'ip6-loopback',
]);

const LOOPBACKS = ['127.0.0.1', '::1'];

function isLocalName(hostname: string): boolean {
  return LOCAL_NAMES.has(hostname) || hostname.endsWith('.localhost');
}

/** The port a URL means, also when it is the scheme's default. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** Builds the guard; throws a RangeError for an allowlist entry it cannot read. */
export function createGuard(allow: readonly string[], blockedPorts: readonly number[]): Guard {
  const allowlist = parseAllowlist(allow);
  const ports = new Set(blockedPorts);

  function checkAddress(rawHostname: string, port: number, text: string): void {
    const hostname = normaliseHostname(rawHostname);
    const address = parseAddress(text);
    if (!address)
      throw fail('blocked_address', `${hostname} has the address ${text}, which cannot be judged`);
    if (allowlist.opensAddress(address, port)) return;
    const verdict = judgeAddress(address);
    if (!verdict || (!verdict.sensitive && allowlist.opensName(hostname, port))) return;
    const what = parseAddress(hostname) ? hostname : `${hostname} (${text})`;
    throw fail('blocked_address', `${what} is ${verdict.reason}; the operator's allowlist does not open it`);
  }

  function opensLiteral(hostname: string, port: number): boolean {
    const address = parseAddress(hostname);
    return address !== undefined && allowlist.opensAddress(address, port);
  }

  function checkHost(hostname: string, port: number): void {
    if (parseAddress(hostname)) return checkAddress(hostname, port, hostname);
    const loopbackOpen = LOOPBACKS.some((address) => opensLiteral(address, port));
    if (isLocalName(hostname) && !allowlist.opensName(hostname, port) && !loopbackOpen) {
      throw fail('blocked_address', `${hostname} is this machine; the operator's allowlist does not open it`);
    }
  }

  return {
    checkAddress,
    checkUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw fail('invalid_url', `Only http: and https: URLs can be requested, not ${url.protocol}`);
      }
      if (url.username !== '' || url.password !== '') {
        throw fail(
          'invalid_url',
          'A URL must not contain a user name or password; use an Authorization header',
        );
      }
      const hostname = normaliseHostname(url.hostname);
      const port = portOf(url);
      if (hostname === '') throw fail('invalid_url', 'The URL has no host');
      // Elsewhere 0 reads as "the default", so that what is judged would not be what is dialled.
      if (port === 0) throw fail('invalid_url', 'Port 0 cannot be reached');
      if (ports.has(port) && !allowlist.opensName(hostname, port) && !opensLiteral(hostname, port)) {
        throw fail('blocked_port', `Port ${String(port)} is closed by the operator`);
      }
      checkHost(hostname, port);
    },
  };
}

import type ipaddr from 'ipaddr.js';
import { parseAddress } from './address.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What the operator opened. Names open what they resolve to; ranges open addresses however they were reached. */
export interface Allowlist {
  opensName(hostname: string, port: number): boolean;
  opensAddress(address: Address, port: number): boolean;
}

interface NameRule {
  readonly name: string;
  readonly suffix: boolean;
  readonly port: number | undefined;
}

interface RangeRule {
  readonly range: [Address, number];
  readonly port: number | undefined;
}

const NAME = /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Lower case and without the root's trailing dot: `Example.COM.` and `example.com` are one name. */
export function normaliseHostname(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, '');
}

function splitPort(entry: string): { host: string; port: number | undefined } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(entry);
  if (!match) return { host: entry, port: undefined };
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) throw new RangeError(`Allowlist entry "${entry}": port out of range`);
  return { host: match[1] ?? '', port };
}

function parseRange(host: string): [Address, number] | undefined {
  const [text = '', bits, ...rest] = host.split('/');
  const address = parseAddress(text);
  if (!address || rest.length > 0) return undefined;
  const full = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [address, full];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= full ? [address, Number(bits)] : undefined;
}

/**
 * Understands `host`, `*.suffix` (not the suffix itself), `host:port`, an address (IPv6 with a port in brackets)
 * and a CIDR. Throws a RangeError that names the entry it does not understand.
 */
export function parseAllowlist(entries: readonly string[]): Allowlist {
  const names: NameRule[] = [];
  const ranges: RangeRule[] = [];
  for (const raw of entries) {
    const { host, port } = splitPort(raw.trim());
    const range = parseRange(host);
    const name = normaliseHostname(host);
    if (range) ranges.push({ range, port });
    else if (NAME.test(name)) {
      const suffix = name.startsWith('*.');
      names.push({ name: suffix ? name.slice(1) : name, suffix, port });
    } else
      throw new RangeError(
        `Allowlist entry "${raw}" is neither a host, *.suffix, host:port, address nor CIDR`,
      );
  }
  return {
    opensName: (hostname, port) =>
      names.some(
        (rule) =>
          (rule.port === undefined || rule.port === port) &&
          (rule.suffix ? hostname.endsWith(rule.name) : hostname === rule.name),
      ),
    opensAddress: (address, port) =>
      ranges.some(
        (rule) =>
          (rule.port === undefined || rule.port === port) &&
          rule.range[0].kind() === address.kind() &&
          address.match(rule.range),
      ),
  };
}

import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Why an address is not part of the public internet. `sensitive` ones (cloud metadata, link-local, multicast,
 * unspecified) stay closed even when the operator opened a *name* that resolves to them.
 */
export interface Verdict {
  readonly reason: string;
  readonly sensitive: boolean;
}

/** Metadata services outside the link-local range: AWS over IPv6, Alibaba, Oracle, Azure's wire server. */
const METADATA = new Set(
  ['fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd20:ce::254'].map(canonical),
);

const SENSITIVE_RANGES = new Set(['linkLocal', 'multicast', 'unspecified', 'broadcast']);

const RANGE_WORDS: Readonly<Record<string, string>> = {
  linkLocal: 'link-local',
  carrierGradeNat: 'carrier-grade NAT',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'site-local',
  ipv4Mapped: 'IPv4-mapped',
};

function canonical(text: string): string {
  return ipaddr.parse(text).toNormalizedString();
}

function ipv4At(bytes: readonly number[], offset: number, mask = 0): ipaddr.IPv4 {
  return new ipaddr.IPv4(bytes.slice(offset, offset + 4).map((byte) => byte ^ mask));
}

/**
 * The IPv4 addresses an IPv6 address carries for a transition mechanism: whoever routes it delivers there.
 * Empty when it carries none.
 */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const startsWith = (...prefix: number[]): boolean => prefix.every((byte, index) => bytes[index] === byte);
  if (bytes.slice(0, 10).every((byte) => byte === 0)) {
    const mapped = bytes[10] === 0xff && bytes[11] === 0xff;
    const compatible = bytes[10] === 0 && bytes[11] === 0;
    if (mapped || compatible) return [ipv4At(bytes, 12)];
  }
  if (startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0)) return [ipv4At(bytes, 12)];
  if (startsWith(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) return [ipv4At(bytes, 12)];
  if (startsWith(0x20, 0x02)) return [ipv4At(bytes, 2)];
  if (startsWith(0x20, 0x01, 0, 0)) return [ipv4At(bytes, 4), ipv4At(bytes, 12, 0xff)];
  return [];
}

/** ISATAP (RFC 5214): any prefix, and the IPv4 address of a host of the site behind it. */
function isatap(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const isLocalOrGlobal = bytes[8] === 0 || bytes[8] === 2;
  const marked = isLocalOrGlobal && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return marked ? [ipv4At(bytes, 12)] : [];
}

function judgeIpv4(address: ipaddr.IPv4): Verdict | undefined {
  if (METADATA.has(address.toNormalizedString()))
    return { reason: 'a cloud metadata address', sensitive: true };
  const range = address.range();
  if (range === 'unicast') return undefined;
  return { reason: `a ${RANGE_WORDS[range] ?? range} address`, sensitive: SENSITIVE_RANGES.has(range) };
}

function judgeIpv6(address: ipaddr.IPv6): Verdict | undefined {
  if (METADATA.has(address.toNormalizedString()))
    return { reason: 'a cloud metadata address', sensitive: true };
  const range = address.range();
  if (range === 'loopback' || SENSITIVE_RANGES.has(range)) {
    return { reason: `a ${RANGE_WORDS[range] ?? range} address`, sensitive: range !== 'loopback' };
  }
  const carried = embedded(address);
  for (const inner of [...carried, ...isatap(address)]) {
    const verdict = judgeIpv4(inner);
    if (verdict) return { ...verdict, reason: `${verdict.reason} (${inner.toString()} inside IPv6)` };
  }
  if (carried.length > 0) return undefined;
  // Only 2000::/3 is allocated for the public internet, so whatever lies outside is refused without a name for it.
  const [first = 0] = address.toByteArray();
  if (range === 'unicast' && first >> 5 === 1) return undefined;
  return {
    reason: `a ${range === 'unicast' ? 'reserved' : (RANGE_WORDS[range] ?? range)} address`,
    sensitive: false,
  };
}

/** Parses an address as DNS or a URL host writes it; IPv4-mapped IPv6 becomes the IPv4 address it means. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.includes(':')) {
    if (!ipaddr.IPv6.isValid(bare)) return undefined;
    const address = ipaddr.IPv6.parse(bare);
    return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
  }
  return ipaddr.IPv4.isValidFourPartDecimal(bare) ? ipaddr.IPv4.parse(bare) : undefined;
}

/** Undefined when the address belongs to the public internet. A zone id (`fe80::1%eth0`) makes it link-local. */
export function judgeAddress(address: Address): Verdict | undefined {
  return address instanceof ipaddr.IPv4 ? judgeIpv4(address) : judgeIpv6(address);
}

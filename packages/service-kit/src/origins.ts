/**
 * Whether a page of this `Origin` came from the host that was asked, in any letter case and with or without the default
 * port. The scheme does not count: behind a proxy that speaks TLS the two sides see different ones. The `null` of a
 * sandboxed page is nobody's.
 */
export function isOriginOf(origin: string, host: string): boolean {
  const scheme = /^https?:/i.exec(origin)?.[0] ?? 'http:';
  const from = hostOf(origin);
  return from !== undefined && from === hostOf(`${scheme}//${host}`);
}

/** Lower case and without a default port. */
function hostOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host } = new URL(address);
  return /^https?:$/.test(protocol) && host !== '' ? host : undefined;
}

import type { Request } from 'express';

/** `Link` to the next page: the path and filters of this request with the next cursor; none on the last page. */
export function nextPage(
  request: Request,
  cursor: string | number | undefined,
  name = 'cursor',
): Record<string, string> {
  if (cursor === undefined) return {};
  const [path = '', search = ''] = request.originalUrl.split('?', 2);
  const parameters = new URLSearchParams(search);
  parameters.set(name, String(cursor));
  return { Link: `<${path}?${parameters.toString()}>; rel="next"` };
}

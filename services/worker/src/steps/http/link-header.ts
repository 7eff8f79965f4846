/**
 * The target of the first link with `rel="next"` in a `Link` header (RFC 8288), as it is written there.
 * One pass without backtracking: the header is the server's.
 */
export function nextLink(header: string): string | undefined {
  for (const link of outsideQuotes(header, ',')) {
    const open = link.indexOf('<');
    const close = link.indexOf('>', open);
    if (open !== -1 && close !== -1 && isNext(link.slice(close + 1)))
      return link.slice(open + 1, close).trim();
  }
  return undefined;
}

/** `rel` is a list of words. */
function isNext(parameters: string): boolean {
  return outsideQuotes(parameters, ';').some((parameter) => {
    const equals = parameter.indexOf('=');
    if (equals === -1 || parameter.slice(0, equals).trim().toLowerCase() !== 'rel') return false;
    const words = parameter
      .slice(equals + 1)
      .replaceAll('"', ' ')
      .toLowerCase();
    return words.split(/\s+/).includes('next');
  });
}

/** Splits where the separator stands neither in quotes nor in the angle brackets of a target. */
function outsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let from = 0;
  let closer = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (closer !== '') {
      if (character === '\\' && closer === '"') at += 1;
      else if (character === closer) closer = '';
    } else if (character === '"') closer = '"';
    else if (character === '<') closer = '>';
    else if (character === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

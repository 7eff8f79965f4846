/** A way into a JSON value: names of members and positions in lists, from the outside in. */
export type JsonPath = readonly (string | number)[];

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The path as an expression of a workflow reads it: `steps.load.output.rows[0].name`, odd names in backticks. */
export function expressionOf(root: string, path: JsonPath): string {
  const text = path.reduce<string>((sofar, part) => {
    if (typeof part === 'number') return `${sofar}[${part}]`;
    const name = PLAIN_NAME.test(part) ? part : `\`${part}\``;
    return sofar === '' ? name : `${sofar}.${name}`;
  }, root);
  return text === '' ? '$' : text;
}

/** Tells rows apart; a JSON pointer (RFC 6901). */
export function pointerOf(path: JsonPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

import type { Parameter, Signature } from '../source/signature.js';

/** One test case; `runs` is the case whose call and check can be written from the signature alone. */
export interface TestCase {
  readonly title: string;
  readonly runs: boolean;
}

function plain(type: string | null): string {
  return (type ?? '')
    .replace(/\s*\|\s*(undefined|null|None)\b/g, '')
    .replace(/^Optional\[(.*)\]$/, '$1')
    .trim();
}

/** The family of a type, in either language; by the parameter's name where it has no type. */
export function familyOf(
  parameter: Pick<Parameter, 'name' | 'type'>,
): 'string' | 'number' | 'boolean' | 'list' | 'date' | 'callback' | 'object' | 'unknown' {
  const type = plain(parameter.type);
  if (/^(string|str|'|")/.test(type)) return 'string';
  if (/^(number|bigint|int|float|Decimal)\b/.test(type)) return 'number';
  if (/^(boolean|bool)\b/.test(type)) return 'boolean';
  if (
    /\[\]$|^(readonly\s+.*\[\]|Array<|ReadonlyArray<|Set<|Iterable<|list\b|List\b|tuple\b|set\b|Sequence\b|Iterable\b|\[)/.test(
      type,
    )
  )
    return 'list';
  if (/^(Date|datetime|date)\b/.test(type)) return 'date';
  if (/=>|^(Function|Callable)\b/.test(type)) return 'callback';
  if (type !== '' && !/^(any|unknown|Any|object)$/.test(type)) return 'object';
  const name = parameter.name.toLowerCase();
  if (/^(is|has|should|enabled|flag)/.test(name)) return 'boolean';
  if (/(name|text|string|path|url|email|title|message|key|id|label|prefix)$/.test(name)) return 'string';
  if (
    /(count|size|length|amount|price|index|number|total|limit|age|width|height|rate|days)$|^[nxyijab]$/.test(
      name,
    )
  )
    return 'number';
  if (/(s|list|items|array|values)$/.test(name)) return 'list';
  return /^(cb|callback|fn|handler|on[A-Z])/.test(parameter.name) ? 'callback' : 'unknown';
}

const EDGES: Readonly<Record<string, readonly string[]>> = {
  string: ['% being empty', '% with characters outside ASCII'],
  number: ['% being zero', '% being negative', '% being very large'],
  boolean: ['% being true and being false'],
  list: ['% being empty', '% with one element'],
  date: ['% being no valid date'],
  callback: ['% throwing'],
  object: ['% with fields missing'],
  unknown: ['% missing'],
};

function nullable(parameter: Parameter): boolean {
  return /\bnull\b|\bNone\b|^Optional\[/.test(parameter.type ?? '');
}

/** The cases a signature asks for, the typical call first; titles name the parameters they are about. */
export function casesOf(signature: Signature): TestCase[] {
  const { parameters } = signature;
  const names = parameters.filter(({ rest }) => !rest).map(({ name }) => name);
  const result =
    signature.returns === null
      ? 'a result'
      : `${/^[aeiou]/i.test(signature.returns) ? 'an' : 'a'} ${signature.returns}`;
  const verb = signature.async ? 'resolves to' : 'returns';
  const nothing = /^(void|None|Promise<void>)$/.test(signature.returns ?? '');
  const given = names.length === 0 ? '' : ` for typical ${names.join(', ')}`;
  const cases: TestCase[] = [
    { title: nothing ? `completes${given}` : `${verb} ${result}${given}`, runs: true },
  ];
  for (const parameter of parameters) {
    const pending = (title: string): number => cases.push({ title, runs: false });
    if (parameter.rest) pending(`handles none and several ${parameter.name}`);
    else if (parameter.defaultValue !== null)
      pending(
        `uses ${parameter.defaultValue.replace(/\s+/g, ' ').slice(0, 60)} when ${parameter.name} is left out`,
      );
    else if (parameter.optional) pending(`works without ${parameter.name}`);
    if (nullable(parameter)) pending(`handles null as ${parameter.name}`);
    if (!parameter.rest)
      for (const edge of EDGES[familyOf(parameter)] ?? [])
        pending(`handles ${edge.replaceAll('%', parameter.name)}`);
  }
  if (signature.throws)
    cases.push({ title: signature.async ? 'rejects invalid input' : 'throws on invalid input', runs: false });
  if (signature.async) cases.push({ title: 'reports the failure of what it waits for', runs: false });
  if (signature.branches > 0)
    cases.push({
      title: `covers each of its ${String(signature.branches)} decisions both ways`,
      runs: false,
    });
  return cases;
}
